"""The phase with ONNX Runtime's own profiler, from its files in a run directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.attribution.cpu.attribute import Attribution, attribute
from profiler.attribution.loading.decode import load_operators_trace
from profiler.attribution.operators.attributed import Operators, operators_of
from profiler.attribution.operators.executor import Executor
from profiler.attribution.operators.operator_figures import operator_figures
from profiler.attribution.operators.operator_windows import ClockError
from profiler.attribution.rules.frames import display_names, make_frames
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.standstill import sharpen
from profiler.spec.waits import Waits
from profiler.trace import ort_profile_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest, PhaseCounters, Request
    from profiler.trace.model import Trace

PHASE = "operators"


@dataclass(frozen=True, slots=True)
class OperatorProfile:
    """What the phase gave. Its samples are not those of the profile phase."""

    trace: Trace
    frame_names: list[tuple[str, str]]
    """(function, library) of each frame of the trace."""
    attribution: Attribution
    operators: Operators
    figures: dict[str, Any]
    """See `profiler.attribution.operators.operator_figures`."""


def profile_operators(
    run: RunDirectory,
    manifest: Manifest,
    counters: Mapping[str, PhaseCounters],
    requests: Sequence[Request],
    *,
    summary: Mapping[str, Any],
    say: Callable[[str], None],
) -> OperatorProfile | str:
    """Analyse the phase, or say why there is nothing to analyse.

    `summary` holds the other phases' figures. `UsageError` and `TraceFileError` when its files are not what
    ortprof writes; `MachineError` when perf fails.
    """
    recording = manifest.operators
    if recording is None or PHASE not in counters:
        asked = manifest.workload.operators_seconds > 0
        return "the recording of operators failed" if asked else "not recorded: --operators records them"
    trace, facts = load_operators_trace(run, recording.perf, say)
    say("attributing time to operators")
    profile = ort_profile_store.load(run.operators)
    phase, frames = counters[PHASE], make_frames(trace, facts)
    mine = [request for request in requests if request.phase == PHASE]
    process, perf = recording.process, recording.perf
    attribution = attribute(trace, frames, process, phase, mine, user_only=perf.user_only)
    waits = None
    if perf.waits is not Waits.OFF:
        window_ns = phase.begin.time_ns, phase.end.time_ns
        off = off_cpu(trace, window_ns, phase.thread_cpu_ns())
        stretches = sharpen(phase.throttling.stretches, off, window_ns) if phase.throttling else []
        waits = classify_waits(trace, frames, off, process, mine, stretches=stretches)
    names = display_names(trace, facts, attribution.tasks)
    executor = Executor(trace.stacks, frames, names)
    try:
        operators = operators_of(profile, recording, mine, attribution, waits=waits, executor=executor)
    except ClockError as error:
        return f"ONNX Runtime's profile does not fit the requests: {error}"
    undisturbed = next(
        (summary[name] for name in ("profiled", "measured") if "unavailable" not in summary[name]), None
    )
    figures = operator_figures(operators, phase, mine, undisturbed)
    return OperatorProfile(trace, names, attribution, operators, figures)
