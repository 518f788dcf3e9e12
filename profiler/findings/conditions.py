"""Under what conditions a run was made, and what is doubtful about it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats, imported
from profiler.findings.counted import counted
from profiler.findings.observer import observer_cost
from profiler.run.cpu_budget import cpu_list
from profiler.run.doubt import Doubt
from profiler.run.sections.unavailable import Unavailable
from profiler.spec.configuration import ExecutionMode
from profiler.spec.ort_build import OrtConfig
from profiler.spec.provider import CPU
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.spec.workload import Arrivals
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from profiler.run.attached import Attached
    from profiler.run.decoding import CrossCheck
    from profiler.run.fed import InputDigest
    from profiler.run.manifest import Manifest, OrtBuild
    from profiler.run.processes import Tensor
    from profiler.run.sections.cpu_section import PerfFigures
    from profiler.run.summary import Summary
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.container import Container
    from profiler.spec.workload import SessionLoad, Workload

SYMBOLS = {
    "none": "stripped: no names",
    "symtab": "with a symbol table",
    "dwarf": "with debug information",
}
MOST_NAMED = 8
"""Processes that a line lists."""
WAIT_EVENT_WORDS = {
    SWITCH_OUT: "where threads wait",
    WAKING: "who wakes them",
    FUTEX_ENTER: "futex calls",
}
SIZES = {"t": "threads", "inter": "inter-op threads"}
"""Pools whose size a label has."""
SIZE_NOTE = re.compile(rf"({'|'.join(SIZES)})(\d+)")
SHORT_ID = 12
"""Digits of an image's id, as engines list them, or of a hash."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One condition."""

    label: str
    text: str
    code: bool = False
    """Set in the fixed-width face."""


UNOPTIMISED = Doubt(
    "What a release would cost",
    "a Debug build is compiled without optimisation: it computes slower, and not evenly so",
    "quote a run with --ort release; --ort relwithdebinfo has source lines and true proportions",
)


def brief(manifest: Manifest, summary: Summary) -> list[Fact]:
    """Return the few conditions that figures mean nothing without."""
    if manifest.imported is not None:
        return [
            Fact(label, text) for label, text in imported.brief(manifest, manifest.imported, summary).items()
        ]
    configuration, workload, host = manifest.configuration, manifest.workload, manifest.host
    cpus = formats.count(host.cpus, "logical CPU")
    facts = [Fact("ONNX Runtime", _ort(manifest.ort))]
    if manifest.attached is not None:
        facts.append(_attached(manifest.attached))
    if configuration is not None and manifest.injected is None:
        threads = "as many as it chooses" if configuration.threads == 0 else str(configuration.threads)
        facts.append(Fact("Threads", f"{threads}, on {cpus}"))
    facts.append(Fact("Limit", f"{manifest.limit.cpus:g} CPU" if manifest.limit else "none"))
    if manifest.container:
        facts.append(Fact("Container", _container(manifest.container)))
    if workload is not None:
        facts += [
            Fact("Model", _model(workload)),
            Fact("Arrivals", _arrivals(workload)),
            *_beside(workload),
        ]
    return [*facts, Fact("Processor", host.cpu), Fact("Observer cost", observer_cost(summary))]


def condition_facts(manifest: Manifest, summary: Summary) -> list[Fact]:
    """Return the run's conditions in reading order."""
    if manifest.imported is not None:
        return [
            Fact(label, text) for label, text in imported.facts(manifest, manifest.imported, summary).items()
        ]
    configuration, workload, host, ort = (
        manifest.configuration,
        manifest.workload,
        manifest.host,
        manifest.ort,
    )
    limit = f"{manifest.limit.cpus:g} CPU (CFS quota)" if manifest.limit else "none: no CPU bandwidth limit"
    return [
        *(
            _configuration_facts(configuration, given=manifest.injected is not None)
            if configuration is not None
            else ()
        ),
        *([Fact("Model", _model(workload))] if workload is not None else ()),
        *(Fact("Input", _tensor(tensor)) for tensor in manifest.process.inputs),
        *(Fact("Fed with", _fed(digest, workload)) for digest in manifest.inputs),
        *([Fact("Arrivals", _arrivals(workload))] if workload is not None else ()),
        *(_beside(workload) if workload is not None else ()),
        Fact("Limit", limit),
        *_neighbour(manifest),
        *_worker(manifest),
        *([Fact("Container", _container(manifest.container))] if manifest.container else []),
        *([_attached(manifest.attached)] if manifest.attached is not None else []),
        Fact("ONNX Runtime", f"{_ort(ort)}; Python {ort.python}" if ort.python else _ort(ort)),
        Fact("Library", ort.library, code=True),
        Fact("Processor", f"{host.cpu}, {formats.count(host.cpus, 'logical CPU')} for the workload"),
        Fact("Memory", formats.size(host.memory_bytes)),
        Fact("System", f"{host.system}, Linux {host.kernel}"),
        Fact("Recorded", f"{manifest.created}, with ortprof {manifest.ortprof}"),
        *_perf_facts(manifest, summary),
    ]


def _neighbour(manifest: Manifest) -> Iterator[Fact]:
    if manifest.neighbour is not None:
        programs = formats.count(manifest.neighbour.processes, "CPU-bound process", "CPU-bound processes")
        yield Fact("Neighbour", f"{programs} on the same CPUs in the measured phase")


def _worker(manifest: Manifest) -> Iterator[Fact]:
    if manifest.worker_cpus:
        shared = manifest.cpus is None or not set(manifest.worker_cpus).isdisjoint(manifest.cpus.allowed)
        which = "which the workload had too" if shared else "which the workload had not"
        yield Fact("Cluster's worker", f"on CPU {cpu_list(manifest.worker_cpus)}, {which}")


def _configuration_facts(configuration: SessionConfiguration, *, given: bool) -> Iterator[Fact]:
    """Yield what a configuration says; one that was `given` leaves the rest as the program has it."""
    yield Fact("Configuration", f"{configuration.label} — {configuration.meaning}".removesuffix(" — "))
    if configuration.trades:
        yield Fact("What it trades", configuration.trades)
    if not given or configuration.threads or configuration.inter_op_threads:
        yield Fact("Threads", _threads(configuration.threads, configuration.inter_op_threads))
    if not given or configuration.execution_mode is ExecutionMode.PARALLEL:
        yield Fact("Execution mode", configuration.execution_mode.value)
    for key, value in configuration.entries.items():
        yield Fact("Session entry", f"{key} = {value}", code=True)
    if configuration.adjustments:
        yield Fact("Changed for this run", ", ".join(map(_adjustment, configuration.adjustments)))


def _adjustment(note: str) -> str:
    """Return what a label calls `t4` in words."""
    sized = SIZE_NOTE.fullmatch(note)
    return note if sized is None else f"{SIZES[sized[1]]} {sized[2]}"


def _perf_facts(manifest: Manifest, summary: Summary) -> list[Fact]:
    perf = summary.perf
    if isinstance(perf, Unavailable):
        return [Fact("Profile", f"none: {perf.why}")]
    kernel = " (user space only: the kernel was off limits)" if perf.user_only else ""
    if perf.light:
        return [
            Fact("Sampling", f"light: {perf.event} at {perf.frequency_hz} Hz{kernel}, leaf addresses alone"),
            Fact("Scope", counted(perf)),
            Fact("Samples", _samples(perf)),
        ]
    return [
        Fact(
            "Sampling",
            f"perf {perf.version}, {perf.event} at {perf.frequency_hz:,} Hz{kernel}, "
            f"{formats.size(perf.stack_bytes)} of stack a sample",
        ),
        Fact("Scope", _scope(perf, stays=manifest.keeps_perf_data)),
        *([Fact("Waits", f"{_waits(perf)}: {perf.waits_reason}")] if perf.waits_reason else []),
        Fact("Samples", _samples(perf)),
        Fact("Observer cost", observer_cost(summary)),
        Fact("Cross-check", _cross_check(summary.cross_check)),
    ]


def _scope(perf: PerfFigures, *, stays: bool) -> str:
    if perf.scope is Scope.PROCESS:
        return counted(perf)
    goes = (
        "and stays, as --keep-perf-data asks: only its owner may read it"
        if stays
        else "so it goes once it is decoded, unless --keep-perf-data"
    )
    return f"{counted(perf)}; perf.data holds other processes' stacks, {goes}"


def _waits(perf: PerfFigures) -> str:
    if perf.waits is Waits.OFF:
        return "not recorded"
    beside = [words for event, words in WAIT_EVENT_WORDS.items() if event in perf.wait_events]
    return f"context switches{'' if beside else ' alone'}{''.join(f', {words}' for words in beside)}"


def _samples(perf: PerfFigures) -> str:
    """Return how many there are, and how many lack something."""
    text = f"{perf.samples:,} in the profile phase, {perf.lost:,} lost"
    cut = perf.cut_chains
    if not cut:
        return text
    share = formats.percent(cut / perf.samples)
    return (
        f"{text}; {cut:,} ({share}) with call chains cut short: their stacks are larger than what was copied"
    )


def _cross_check(check: CrossCheck | None) -> str:
    if check is None:
        return "not held against perf report"
    deviation = check.largest_deviation_points
    symbols = formats.count(check.symbols, "symbol")
    if deviation < 0.1:  # noqa: PLR2004  what the sentence says
        return f"self shares agree with perf report within 0.1 points ({symbols})"
    return (
        f"self shares differ from perf report by up to {deviation:.1f} points "
        f"({check.symbol or 'a function without a name'} in {check.library or 'no library'}, of {symbols})"
    )


def command_lines(commands: Mapping[str, Sequence[str]]) -> list[Fact]:
    """Return the exact command lines by tool, as a shell takes them."""
    return [Fact(tool, " ".join(map(_quoted, command)), code=True) for tool, command in commands.items()]


def _quoted(argument: str) -> str:
    """Return an argument as bash takes it; a tab in it stays visible."""
    if "\t" in argument:
        escaped = argument.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t")
        return f"$'{escaped}'"
    return shlex.quote(argument)


def doubts(manifest: Manifest, summary: Summary) -> list[Doubt]:
    """Return what was unavailable, in the recording and in the analysis."""
    if manifest.imported is not None:
        return list(summary.unavailable)
    conditions = []
    if not manifest.complete:
        conditions.append(Doubt("The whole run", "it was stopped early", "record it again"))
    phases = ((summary.measured, "The measured phase"), (summary.profiled, "The profile phase"))
    conditions += [
        Doubt(label, phase.why, "record with a length above 0")
        for phase, label in phases
        if isinstance(phase, Unavailable) and manifest.attached is None
    ]
    if manifest.ort.build is OrtConfig.DEBUG:
        conditions.append(UNOPTIMISED)
    conditions += summary.unavailable
    conditions += [
        Doubt(label, section.why)
        for section, label in (
            (summary.waits, "Time off the CPU"),
            (summary.request, "A request's time by kind"),
        )
        if isinstance(section, Unavailable)
    ]
    return conditions


def _ort(ort: OrtBuild) -> str:
    build = f" ({ort.build.cmake_name})" if ort.build else ""
    return f"{ort.version}{build}, {SYMBOLS.get(ort.symbols, ort.symbols)}"


def _attached(attached: Attached) -> Fact:
    processes = formats.count(len(attached.targets), "process", "processes")
    children = ", children included" if attached.followed else ""
    named = ", ".join(f"{target.pid} ({target.command})" for target in attached.targets[:MOST_NAMED])
    more = ", ..." if len(attached.targets) > MOST_NAMED else ""
    return Fact("Started" if attached.started else "Attached to", f"{processes}{children}: {named}{more}")


def _container(container: Container) -> str:
    rootless = ", rootless" if container.rootless else ""
    engine = f"{container.engine.value} {container.version}{rootless}"
    return f"{engine}; image {container.image} ({container.image_id[:SHORT_ID]})"


def _threads(threads: int, inter_op: int) -> str:
    intra = "as many as ONNX Runtime chooses" if threads == 0 else f"{threads} (the calling one included)"
    return f"intra-op {intra}; inter-op {inter_op or 'as ONNX Runtime chooses'}"


def _tensor(tensor: Tensor) -> str:
    shape = " \N{MULTIPLICATION SIGN} ".join(str(size) for size in tensor.get("shape", []))
    source = f", {tensor['source']}" if "source" in tensor else ""
    return f"{tensor.get('name', '?')}: {shape} {tensor.get('type', '')}{source}"


def _beside(workload: Workload) -> Iterator[Fact]:
    """Say what else the process holds."""
    for companion in workload.beside:
        own = "" if companion.configuration is None else f"{companion.configuration.label}; "
        yield Fact("Beside it", f"{_model(companion)}; {own}{_arrivals(companion)}")
    if workload.provider != CPU:
        yield Fact("Execution provider", workload.provider)
    if workload.processes > 1:
        yield Fact(
            "Processes", f"{workload.processes} workers, each with its own sessions and pools; one queue"
        )
    if workload.global_pool:
        yield Fact("Pool", "the environment's, which all sessions share (global pool)")


def _fed(digest: InputDigest, workload: Workload | None) -> str:
    """Return how many sets of inputs there were, and what tells them from others."""
    sets = "one set of inputs" if digest.sets == 1 else f"{digest.sets} sets of inputs"
    words = [digest.model, sets]
    if workload is not None and workload.most_tokens is not None and digest.sets > 1:
        words.append(f"{workload.tokens} to {workload.most_tokens} tokens, drawn by seed {workload.seed}")
    return f"{', '.join(words)}; sha256 {digest.sha256[:SHORT_ID]}"


def _model(workload: SessionLoad) -> str:
    return f"{workload.model}, weights: {workload.weights}"


def _arrivals(workload: SessionLoad) -> str:
    arrivals = workload.arrivals
    several = workload.concurrency > 1
    if arrivals is Arrivals.CLOSED:
        clients = f"{workload.concurrency} clients, each of whose" if several else "the"
        return f"closed loop: {clients} next request starts when the last one ended"
    gap = f", seed {workload.seed}" if arrivals is Arrivals.POISSON else ""
    callers = f", {workload.concurrency} calling threads serve one queue" if several else ""
    return f"{arrivals.value}, {formats.number(workload.rate)} requests a second, open loop{gap}{callers}"
