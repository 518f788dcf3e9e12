"""Under what conditions two runs were made: what forbids comparing them, and what a reader must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.findings.conditions import SYMBOLS
from profiler.spec.workload import Arrivals
from profiler.study.cells import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.run.manifest import Manifest
    from profiler.spec.configuration import SessionConfiguration

STRIPPED = "none"
"""`OrtBuild.symbols` of a library without names."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A condition in which the runs differ."""

    label: str
    before: str
    after: str
    caution: str = ""
    """What a reader must keep in mind because of it; empty for what is being compared."""


def refuse_nonsense(before: Manifest, after: Manifest) -> None:
    """Raise `UsageError` where a difference would be that of two models or of two inputs."""
    models = before.model, after.model
    if models[0] != models[1]:
        raise UsageError(
            f"{before.run_id} ran the model {models[0]} and {after.run_id} ran {models[1]}: "
            "what differs between two models says nothing about their settings",
            hint="record both with the same --model",
        )
    shapes = _shapes(before), _shapes(after)
    if shapes[0] != shapes[1]:
        raise UsageError(
            f"the inputs of {models[0]} differ: {shapes[0]} in {before.run_id}, "
            f"{shapes[1]} in {after.run_id}",
            hint="record both with the same --batch, --tokens and --dim",
        )


def _shapes(manifest: Manifest) -> str:
    """Return the inputs' shapes as one text: `input_ids 1 x 10, ...`."""
    tensors = manifest.process.inputs
    if not tensors:
        workload = manifest.workload
        return "" if workload is None else f"batch {workload.batch}, tokens {workload.tokens}"
    sizes = ((tensor.get("name", "?"), tensor.get("shape", [])) for tensor in tensors)
    return ", ".join(f"{name} {' x '.join(map(str, shape))}" for name, shape in sorted(sizes))


def side_labels(before: Manifest, after: Manifest) -> tuple[str, str]:
    """Return a short name for each side: its configuration, with what else tells them apart if need be."""
    labels = before.title, after.title
    if labels[0] != labels[1]:
        return labels
    for name in (_version, _limit, _load, _created):
        one, other = name(before), name(after)
        if one != other:
            return f"{labels[0]} ({one})", f"{labels[1]} ({other})"
    return f"{labels[0]} ({before.run_id})", f"{labels[1]} ({after.run_id})"


def same_build(before: Manifest, after: Manifest) -> bool:
    """Whether addresses in both runs' ONNX Runtime mean the same functions."""
    one, other = before.ort, after.ort
    return (one.version, one.symbols, one.python) == (other.version, other.symbols, other.python)


def both_named(before: Manifest, after: Manifest) -> bool:
    """Whether both runs' ONNX Runtime has symbols."""
    return STRIPPED not in (before.ort.symbols, after.ort.symbols)


def differences(before: Manifest, after: Manifest) -> list[Difference]:
    """Return the conditions that differ: first what is compared, then what is in the way of comparing it."""
    compared = [Difference(label, old, new) for label, old, new in _settings(before, after)]
    compared += [
        Difference(circumstance.label, circumstance.of(before), circumstance.of(after), circumstance.caution)
        for circumstance in CIRCUMSTANCES
    ]
    return [difference for difference in compared if difference.before != difference.after]


def common(before: Manifest, after: Manifest) -> list[tuple[str, str]]:
    """Return the conditions that both share, as (label, text)."""
    shared = [(label, old) for label, old, new in _settings(before, after) if old == new]
    shared += [
        (circumstance.label, circumstance.of(before))
        for circumstance in CIRCUMSTANCES
        if circumstance.of(before) == circumstance.of(after)
    ]
    return [("Model", f"{before.model}, {_shapes(before)}"), *shared] if before.model else shared


def _settings(before: Manifest, after: Manifest) -> Iterator[tuple[str, str, str]]:
    """Yield what a user chooses, and most often compares: label, before, after."""
    one, other = before.configuration, after.configuration
    if one is not None and other is not None:
        yield from _session_settings(one, other)
    yield "Limit", _limit(before), _limit(after)


def _session_settings(
    one: SessionConfiguration, other: SessionConfiguration
) -> Iterator[tuple[str, str, str]]:
    yield "Threads", _threads(one.threads), _threads(other.threads)
    if one.inter_op_threads or other.inter_op_threads:
        yield "Inter-op threads", _threads(one.inter_op_threads), _threads(other.inter_op_threads)
    yield "Execution mode", one.execution_mode.value, other.execution_mode.value
    for key in sorted({*one.entries, *other.entries}):
        yield key, one.entries.get(key, "not set"), other.entries.get(key, "not set")


def _threads(count: int) -> str:
    return "as many as it chooses" if count == 0 else str(count)


def _version(manifest: Manifest) -> str:
    return manifest.ort.version


def _limit(manifest: Manifest) -> str:
    return "no limit" if manifest.limit is None else manifest.limit.words


def _created(manifest: Manifest) -> str:
    return manifest.created.replace("T", " ").replace("Z", " UTC")


def _load(manifest: Manifest) -> str:
    workload = manifest.workload
    if workload is None:
        return "its own"
    rate = None if workload.arrivals is Arrivals.CLOSED else workload.rate
    return Group(workload.model, manifest.limit, rate, workload.arrivals).load


def _weights(manifest: Manifest) -> str:
    return "its own" if manifest.workload is None else manifest.workload.weights


def _sampling(manifest: Manifest) -> str:
    return "none" if manifest.perf is None else f"{manifest.perf.event} at {manifest.perf.frequency_hz:,} Hz"


def _waits(manifest: Manifest) -> str:
    return "not recorded" if manifest.perf is None else manifest.perf.waits.value


@dataclass(frozen=True, slots=True)
class _Circumstance:
    """What figures depend on beside what a user compares."""

    label: str
    of: Callable[[Manifest], str]
    caution: str = ""


CIRCUMSTANCES = (
    _Circumstance(
        "ONNX Runtime",
        _version,
        "The versions of ONNX Runtime differ: kernels and thread pool may differ as much as the settings do.",
    ),
    _Circumstance("Its symbols", lambda run: SYMBOLS.get(run.ort.symbols, run.ort.symbols)),
    _Circumstance("Python", lambda run: run.ort.python),
    _Circumstance("Weights", _weights),
    _Circumstance(
        "Processor", lambda run: run.host.cpu, "The processors differ: compare ratios, not milliseconds."
    ),
    _Circumstance("Logical CPUs", lambda run: str(run.host.cpus), "The runs had different numbers of CPUs."),
    _Circumstance("Kernel", lambda run: run.host.kernel),
    _Circumstance("System", lambda run: run.host.system),
    _Circumstance(
        "Load",
        _load,
        "The load differs: idle spinning and whatever else is spent between requests falls to more of them.",
    ),
    _Circumstance("Sampling", _sampling, "perf sampled differently: it may have disturbed one side more."),
    _Circumstance(
        "Waits", _waits, "Waits were recorded differently: their kinds rest on different evidence."
    ),
    _Circumstance("ortprof", lambda run: run.ortprof),
    _Circumstance("Stopped early", lambda run: "no" if run.complete else "yes", "A run was stopped early."),
)
