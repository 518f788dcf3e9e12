"""What the measure phase of one run found, request by request: what statistics are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.statistics import load_figures
from profiler.attribution.throttled import throttled_figures
from profiler.errors import UsageError
from profiler.run.json_document import not_ours
from profiler.run.records import Recorded, read_recorded
from profiler.study.identity import Identity, identity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.run.directory import RunDirectory
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.request import Request
    from profiler.run.sections.load_section import ThrottledFigures

PHASE = "measure"


@dataclass(frozen=True, slots=True)
class Measured:
    """The measure phase of one run: nothing was attached."""

    run: RunDirectory
    run_id: str
    latency_ms: Floats
    """(n,) of each request, in their order, from its scheduled instant."""
    cpu_ms: Floats
    """(n,) CPU time of its process from each request's start to the next one's, or to the phase's end, with
    the spinning that follows; process by process. (1,) in runs that did not note it: the mean, which can't
    tell how they vary."""
    cpu_ms_per_request: float | None
    """All CPU time of the phase, shared out; None without requests."""
    cpu_percent: float
    """Of one core."""
    seconds: float
    throttled: ThrottledFigures | None
    """As in summary.json; None without a CPU limit."""
    unserved: int
    """Requests that were due and never started."""
    neighbour_share: float | None = None
    """What a neighbour got done, of what it gets done beside the idle service; None without one."""
    identity: Identity = ()
    """What it is a run of: repeats of one thing have one identity."""


def read_measured(run: RunDirectory) -> Measured:
    """Read a run's measure phase; `UsageError` when files are damaged or the phase did not run."""
    return measured_of(run, read_recorded(run))


def measured_of(run: RunDirectory, recorded: Recorded) -> Measured:
    """Return what a run's records say of its measure phase; `UsageError` when it did not run."""
    phase = recorded.manifest.phase(PHASE)
    if phase is None or PHASE not in recorded.counters:
        raise UsageError(
            f"{run.run_id} was not measured: it has no {PHASE} phase", hint="record it with --measure SECONDS"
        )
    counters = recorded.counters[PHASE]
    if counters.seconds <= 0:
        raise UsageError(f"{run.counters} is damaged: its {PHASE} phase lasted {counters.seconds:g} s")
    requests = [request for request in recorded.requests if request.phase == PHASE]
    cpu_ms = _cpu_ms(counters, requests)
    if cpu_ms.size and cpu_ms.min() < 0:
        raise not_ours(run.requests, "its `cpu_clock_ns` runs backwards")
    figures = load_figures(counters, requests)
    neighbour = recorded.manifest.neighbour
    return Measured(
        run=run,
        run_id=recorded.manifest.run_id,
        latency_ms=np.array([request.latency_ns / 1e6 for request in requests]),
        cpu_ms=cpu_ms,
        cpu_ms_per_request=figures.cpu_ms_per_request,
        cpu_percent=figures.cpu_percent,
        seconds=figures.seconds,
        throttled=throttled_figures(counters.throttling, requests),
        unserved=phase.unserved,
        neighbour_share=None if neighbour is None else neighbour.share,
        identity=identity(recorded.manifest),
    )


def _cpu_ms(counters: PhaseCounters, requests: Sequence[Request]) -> Floats:
    if any(request.cpu_clock_ns is None for request in requests):
        return np.array([counters.cpu_ns / 1e6 / len(requests)])
    pids = {request.process: None for request in requests}
    parts = [
        _in_one(counters, [request for request in requests if request.process == pid], pid) for pid in pids
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _in_one(counters: PhaseCounters, requests: Sequence[Request], pid: int | None) -> Floats:
    """Return the CPU time of the requests of one process: each has a CPU clock of its own."""
    clock = [request.cpu_clock_ns or 0 for request in requests]
    if len({request.caller for request in requests}) > 1:
        # Requests overlap and end in any order: what passed from one's start to the next's is shared out.
        clock.sort()
    return np.diff([*clock, counters.clock_at_end(pid)]) / 1e6
