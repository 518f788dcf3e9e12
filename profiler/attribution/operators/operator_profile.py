"""The phase with ONNX Runtime's own profiler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.cpu.attribute import Attribution, attribute
from profiler.attribution.operators.attributed import Operators, operators_of
from profiler.attribution.operators.executor import Executor
from profiler.attribution.operators.operator_figures import operator_figures
from profiler.attribution.operators.operator_windows import ClockError
from profiler.attribution.rules.frames import display_names, make_frames
from profiler.attribution.waits.classified import classify_waits
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.standstill import sharpen
from profiler.run.sections.unavailable import Unavailable
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.loading.loaded import LoadedOperators
    from profiler.run.records import Recorded
    from profiler.run.sections.load_section import LoadFigures
    from profiler.run.sections.operator_section import OperatorsFigures
    from profiler.trace.model import Trace

PHASE = "operators"
FAILED = Unavailable("the recording of operators failed")
NOT_ASKED = Unavailable("not recorded: --operators records them")


@dataclass(frozen=True, slots=True)
class OperatorProfile:
    """What the phase gave. Its samples are not those of the profile phase."""

    trace: Trace
    frame_names: list[tuple[str, str]]
    """(function, library) of each frame of the trace."""
    attribution: Attribution
    operators: Operators
    figures: OperatorsFigures


def profile_operators(
    recorded: Recorded,
    loaded: LoadedOperators | None,
    undisturbed: LoadFigures | None,
    say: Callable[[str], None],
) -> OperatorProfile | Unavailable:
    """Analyse the phase, or say why there is nothing to analyse.

    `undisturbed` are the figures of a phase without ONNX Runtime's profiler.
    """
    manifest = recorded.manifest
    recording = manifest.operators
    if recording is None or loaded is None:
        asked = manifest.workload is not None and manifest.workload.operators_seconds > 0
        return FAILED if asked else NOT_ASKED
    say("attributing time to operators")
    trace, facts = loaded.recording.trace, loaded.recording.facts
    phase, frames = recorded.counters[PHASE], make_frames(trace, facts)
    requests = recorded.requests_of(PHASE)
    process, perf = recording.process, recording.perf
    attribution = attribute(trace, frames, process, phase, requests, user_only=perf.user_only)
    waits = None
    if perf.waits is not Waits.OFF:
        window_ns = phase.begin.time_ns, phase.end.time_ns
        off = off_cpu(trace, window_ns, phase.thread_cpu_ns())
        stretches = sharpen(phase.throttling.stretches, off, window_ns) if phase.throttling else []
        waits = classify_waits(trace, frames, off, process, requests, stretches=stretches)
    names = display_names(trace, facts, attribution.tasks)
    executor = Executor(trace.stacks, frames, names)
    try:
        operators = operators_of(
            loaded.profile, recording, requests, attribution, waits=waits, executor=executor
        )
    except ClockError as error:
        return Unavailable(f"ONNX Runtime's profile does not fit the requests: {error}")
    figures = operator_figures(operators, phase, requests, undisturbed)
    return OperatorProfile(trace, names, attribution, operators, figures)
