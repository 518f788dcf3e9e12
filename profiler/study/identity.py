"""What a run is a run of: settings asked for, pools that ran, load, inputs, machine, each with its name.

Runs that are alike in what `identifies` are repeats of one thing; figures are pooled over such runs alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.findings.conditions import SHORT_ID, SYMBOLS
from profiler.findings.formats import count
from profiler.spec.inputs import Order
from profiler.spec.workload import Arrivals
from profiler.study.cells import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from profiler.run.fed import InputDigest
    from profiler.run.manifest import Manifest
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.workload import Companion, SessionLoad, Workload

POOLS = "Pools"
ALONE = "nothing"
"""What is beside a session that has its process for itself."""
OTHER_POOLS = (
    "The same settings made other pools: an environment variable decided, such as ORT_INTRA_OP_NUM_THREADS, "
    "or other CPUs."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A condition in which the runs differ."""

    label: str
    before: str
    after: str
    caution: str = ""
    """What a reader must keep in mind because of it; empty for what is being compared."""


Identity = tuple[tuple[str, str], ...]
"""(label, text) of everything that makes runs repeats of one thing."""


def identity(manifest: Manifest) -> Identity:
    """Return what a run is a run of: two runs of one identity are repeats.

    Of repeats in a study one is profiled; the others say nothing of where perf counts.
    """
    configuration = manifest.configuration
    asked = [] if configuration is None else list(_asked(configuration))
    return (
        ("Configuration", manifest.title),
        ("Model", manifest.model),
        ("Inputs", shapes(manifest)),
        *asked,
        ("Limit", limit_words(manifest)),
        *(
            (condition.label, condition.of(manifest))
            for condition in CIRCUMSTANCES
            if condition.identifies and (condition.of is not _scope or manifest.perf is not None)
        ),
    )


def differing(identities: Sequence[Identity]) -> str:
    """Return how runs differ that were taken for repeats, `Pools: none, 3 global workers`; else empty."""
    seen: dict[str, dict[str, None]] = {}
    for identity in identities:
        for label, text in identity:
            seen.setdefault(label, {})[text] = None
    return "; ".join(f"{label}: {', '.join(texts)}" for label, texts in seen.items() if len(texts) > 1)


def differences(before: Manifest, after: Manifest) -> list[Difference]:
    """Return the conditions that differ: first what is compared, then what is in the way of comparing it."""
    compared = [Difference(label, old, new) for label, old, new in _settings(before, after)]
    compared += [
        Difference(circumstance.label, circumstance.of(before), circumstance.of(after), circumstance.caution)
        for circumstance in CIRCUMSTANCES
    ]
    others = [difference for difference in compared if difference.before != difference.after]
    if _same_threads(before, after) and before.attached is None and after.attached is None:
        return [
            replace(difference, caution=OTHER_POOLS) if difference.label == POOLS else difference
            for difference in others
        ]
    return others


def _same_threads(before: Manifest, after: Manifest) -> bool:
    """Whether both asked for the same pools."""
    asked = [
        manifest.configuration and (manifest.configuration.threads, manifest.configuration.inter_op_threads)
        for manifest in (before, after)
    ]
    return asked[0] == asked[1]


def common(before: Manifest, after: Manifest) -> list[tuple[str, str]]:
    """Return the conditions that both share, as (label, text)."""
    shared = [(label, old) for label, old, new in _settings(before, after) if old == new]
    shared += [
        (circumstance.label, circumstance.of(before))
        for circumstance in CIRCUMSTANCES
        if circumstance.of(before) == circumstance.of(after)
    ]
    return [("Model", f"{before.model}, {shapes(before)}"), *shared] if before.model else shared


def shapes(manifest: Manifest) -> str:
    """Return the inputs' shapes as one text: `input_ids 1 x 10, ...`."""
    tensors = manifest.process.inputs
    if not tensors:
        workload = manifest.workload
        return "" if workload is None else f"batch {workload.batch}, tokens {workload.tokens}"
    sizes = ((tensor.get("name", "?"), tensor.get("shape", [])) for tensor in tensors)
    return ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in sorted(sizes))


def fed_with(manifest: Manifest) -> str:
    """Return how inputs were chosen: `8..128 tokens`, `ids uniform(0,30522)`, the hash of what files hold.

    Not the hash of what a seed drew: repeats of one thing differ in that.
    """
    workload = manifest.workload
    if workload is None:
        return "its own"
    digests = [*manifest.inputs, *(None for _ in workload.loads)]
    return "; ".join(_fed_one(load, digest) for load, digest in zip(workload.loads, digests, strict=False))


def _fed_one(load: SessionLoad, digest: InputDigest | None) -> str:
    words = [] if load.most_tokens is None else [f"{load.tokens}..{load.most_tokens} tokens"]
    words += [f"{name} {source.words}" for name, source in sorted(load.inputs.named.items())]
    words += [Path(load.inputs.files).name] if load.inputs.files else []
    words += [load.inputs.order.value] if load.inputs.order is not Order.CYCLED else []
    drawn = any(source.distribution is not None for source in load.inputs.named.values())
    if words and digest is not None and not digest.made_up and not drawn:
        words.append(f"sha256 {digest.sha256[:SHORT_ID]}")
    return ", ".join(words) or "made up"


def callers(manifest: Manifest) -> str:
    """Return how many threads call Run, process by process: `4`, `1, 1`; of what is not ours nobody knows."""
    counts = [len(process.callers) for process in manifest.processes]
    return ", ".join(map(str, counts)) if any(counts) else "not known"


def beside(manifest: Manifest) -> str:
    """Return what else the process holds: `tiny, spin-off, 20 requests/s`, and whether all share a pool."""
    return "not known" if manifest.workload is None else beside_words(manifest.workload)


def beside_words(workload: Workload) -> str:
    """Return what a workload's process holds beside its first session, as `beside` does."""
    others = [_companion(companion) for companion in workload.beside]
    return "; ".join([*others, *(["one global pool"] if workload.global_pool else [])]) or ALONE


def _companion(companion: Companion) -> str:
    label = "" if companion.configuration is None else companion.configuration.label
    rate = None if companion.arrivals is Arrivals.CLOSED else companion.rate
    load = Group(companion.model, None, rate, companion.arrivals).load
    sizes = f"batch {companion.batch}, tokens {companion.tokens}"
    return ", ".join(filter(None, (companion.model, label, load, f"{companion.concurrency} callers", sizes)))


def provider(manifest: Manifest) -> str:
    """Return the execution provider that was asked for."""
    return "its own" if manifest.workload is None else manifest.workload.provider


def neighbour(manifest: Manifest) -> str:
    """Return whether a CPU-bound program ran on the same CPUs."""
    return "none" if manifest.neighbour is None else f"{manifest.neighbour.processes} CPU-bound processes"


def _input_hashes(manifest: Manifest) -> str:
    return ", ".join(digest.sha256[:SHORT_ID] for digest in manifest.inputs) or "not noted"


def _settings(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str]]:
    """Yield what a user chooses, and most often compares: label, before, after."""
    one, other = before.configuration, after.configuration
    if one is not None and other is not None:
        yield from _session_settings(one, other)
    yield "Limit", limit_words(before), limit_words(after)


def _asked(configuration: SessionConfiguration) -> Iterator[tuple[str, str]]:
    yield from ((label, text) for label, text, _ in _session_settings(configuration, configuration))


def _session_settings(
    configuration: SessionConfiguration, other: SessionConfiguration
) -> Iterator[tuple[str, str, str]]:
    yield "Threads", _threads(configuration.threads), _threads(other.threads)
    if configuration.inter_op_threads or other.inter_op_threads:
        yield "Inter-op threads", _threads(configuration.inter_op_threads), _threads(other.inter_op_threads)
    yield "Execution mode", configuration.execution_mode.value, other.execution_mode.value
    for key in sorted({*configuration.entries, *other.entries}):
        yield key, configuration.entries.get(key, "not set"), other.entries.get(key, "not set")


def _threads(count: int) -> str:
    return "as many as it chooses" if count == 0 else str(count)


def program(manifest: Manifest) -> str:
    """Return whose sessions they were: `checkout (python -m uvicorn)`."""
    if manifest.attached is None:
        return "ortprof's workload"
    command = manifest.attached.targets[0].command if manifest.attached.targets else "unknown"
    return command if manifest.configuration is None else f"{manifest.attached.name} ({command})"


def version(manifest: Manifest) -> str:
    """Return ONNX Runtime's version."""
    return manifest.ort.version


def limit_words(manifest: Manifest) -> str:
    """Return the CPU limit: `no limit`, `0.1 CPU`, or `unknown`, of a recording made elsewhere."""
    if manifest.imported is not None:
        return "unknown"
    return "no limit" if manifest.limit is None else manifest.limit.words


def created(manifest: Manifest) -> str:
    """Return when the run began."""
    return manifest.created.replace("T", " ").replace("Z", " UTC")


def load(manifest: Manifest) -> str:
    """Return arrivals and rate: `4 requests/s`."""
    workload = manifest.workload
    if workload is None:
        return "its own"
    rate = None if workload.arrivals is Arrivals.CLOSED else workload.rate
    return Group(workload.model, manifest.limit, rate, workload.arrivals).load


def _weights(manifest: Manifest) -> str:
    return "its own" if manifest.workload is None else manifest.workload.weights


def pools(manifest: Manifest) -> str:
    """Return the pools that ran, callers left out, whatever was asked for: `3 intra-op workers, pinned`."""
    threads = Counter({pool.role.value: 0 for pool in manifest.threads.pools})
    for pool in manifest.threads.pools:
        threads[pool.role.value] += len(pool.tids)
    said = [count(number, f"{role} worker") for role, number in sorted(threads.items())]
    pinned = manifest.cpus.pinned if manifest.cpus is not None else None
    if pinned:
        said.append("pinned" if pinned == threads.total() else f"{count(pinned, 'thread')} pinned")
    return ", ".join(said) or "none"


def processes(manifest: Manifest) -> str:
    """Return how many workers serve: `4`."""
    return str(len(manifest.processes))


def _sampling(manifest: Manifest) -> str:
    return "none" if manifest.perf is None else f"{manifest.perf.event} at {manifest.perf.frequency_hz:,} Hz"


def _scope(manifest: Manifest) -> str:
    return "none" if manifest.perf is None else manifest.perf.scope.value


def _waits(manifest: Manifest) -> str:
    return "not recorded" if manifest.perf is None else manifest.perf.waits.value


@dataclass(frozen=True, slots=True)
class _Circumstance:
    """What figures depend on beside what a user compares."""

    label: str
    of: Callable[[Manifest], str]
    caution: str = ""
    identifies: bool = True
    """Whether runs that differ in it are no repeats of each other."""


CIRCUMSTANCES = (
    _Circumstance(
        "ONNX Runtime",
        version,
        "The versions of ONNX Runtime differ: kernels and thread pool may differ as much as the settings do.",
    ),
    _Circumstance("Program", program),
    _Circumstance("Its symbols", lambda run: SYMBOLS.get(run.ort.symbols, run.ort.symbols)),
    _Circumstance(POOLS, pools),
    _Circumstance("Calling threads", callers, "The runs had different numbers of calling threads."),
    _Circumstance("Beside it", beside, "Other models ran in the same process."),
    _Circumstance("Processes", processes, "The runs had different numbers of processes."),
    _Circumstance("Provider", provider, "Other libraries computed: their kernels and pools differ."),
    _Circumstance("Python", lambda run: run.ort.python),
    _Circumstance("Weights", _weights),
    _Circumstance(
        "Processor", lambda run: run.host.cpu, "The processors differ: compare ratios, not milliseconds."
    ),
    _Circumstance("Logical CPUs", lambda run: str(run.host.cpus), "The runs had different numbers of CPUs."),
    _Circumstance("Kernel", lambda run: run.host.kernel),
    _Circumstance("System", lambda run: run.host.system, identifies=False),
    _Circumstance(
        "Load",
        load,
        "The load differs: idle spinning and whatever else is spent between requests falls to more of them.",
    ),
    _Circumstance("Neighbour", neighbour, "A CPU-bound neighbour ran beside one of them."),
    _Circumstance("Fed with", fed_with, "The runs were fed otherwise, which can change the work."),
    _Circumstance(
        "Input values",
        _input_hashes,
        "The inputs' values differ, which can change the work.",
        identifies=False,
    ),
    _Circumstance(
        "Sampling",
        _sampling,
        "perf sampled differently: it may have disturbed one side more.",
        identifies=False,
    ),
    _Circumstance(
        "Scope",
        _scope,
        "perf counted in different places: it disturbs a process less from its CPUs than from its threads.",
    ),
    _Circumstance(
        "Waits",
        _waits,
        "Waits were recorded differently: their kinds rest on different evidence.",
        identifies=False,
    ),
    _Circumstance("ortprof", lambda run: run.ortprof, identifies=False),
    _Circumstance(
        "Stopped early",
        lambda run: "no" if run.complete else "yes",
        "A run was stopped early.",
        identifies=False,
    ),
)
