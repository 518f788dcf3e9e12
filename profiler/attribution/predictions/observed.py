"""What predictions rest on: CPU time of pools and callers, wake-ups, gaps between requests.

Pure. Times are nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.pools.settings import SPINS
from profiler.attribution.requests.spans import flight_spans
from profiler.attribution.rules.names import Name
from profiler.run.kinds import KINDS, Category, Kind, Part
from profiler.run.processes import PoolRole
from profiler.trace.model import NONE, SWITCH_OUT, WAIT_EVENTS
from profiler.trace.rows import selected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.requests.anatomy import Anatomies
    from profiler.attribution.rules.chains import Frame
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Pool, Process
    from profiler.run.request import Request
    from profiler.trace.model import Trace, WaitEvents


@dataclass(frozen=True, slots=True)
class PoolSeen:
    """One pool whose workers ONNX Runtime's settings reach."""

    threads: int
    idle_ns: float
    """CPU time that its workers polled for while no request of its was in flight."""
    busy_ns: float
    """The same while one was."""
    futex_ns: float
    """Its workers' CPU time in the futex path: blocking, and being woken."""
    work_ns: float
    """Its workers' CPU time at work."""
    work_samples: int
    windows_ns: tuple[int, ...]
    """How long it polled after each time that it had requests in flight."""
    gaps_ns: tuple[int, ...]
    """How long it had none before each such time; the first since the phase's begin."""
    wake_ups: int
    """Times that a worker of its ran again after it had blocked."""

    @property
    def spins(self) -> bool:
        """Whether its idle workers poll before they block."""
        whole = self.idle_ns + self.busy_ns + self.futex_ns + self.work_ns
        return whole > 0 and self.idle_ns + self.busy_ns >= SPINS * whole


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request along its caller."""

    scheduled_ns: int
    start_ns: int
    end_ns: int
    caller: int | None
    join_ns: float
    """On the CPU, waiting for workers by polling, or waking them."""
    runnable_ns: float
    """Ready to run, without a CPU."""
    on_cpu_ns: float
    work_ns: float
    """On the CPU, of use."""
    watched_ns: float
    """Taken by perf on its caller: samples and switches."""
    helped_ns: float
    """What the workers worked meanwhile: the mean of its pool's requests, by its own share of the work."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One recording, as far as predictions need it."""

    seconds: float
    total_ns: float
    """CPU time of all processes."""
    samples: int
    join_ns: float
    """CPU time of threads that polled for their workers to finish."""
    waking_ns: float
    """CPU time of callers in the futex path while a request was in flight: mostly waking workers."""
    watched_ns: float
    """CPU time that perf took of threads at work: for each sample, and each time that one left a CPU."""
    pause_share: float
    """Of workers' polling, what was spent in the pause itself; 0 where that is no function of its own."""
    pools: tuple[PoolSeen, ...]
    requests: tuple[RequestSeen, ...]
    wake_latencies_ns: tuple[int, ...]
    """From being woken to running, of workers, ascending; empty where wake-ups were not traced."""


def observe(
    trace: Trace,
    frames: Sequence[Frame],
    *,
    attribution: Attribution,
    off: OffCpuProfile,
    process: Process,
    counters: PhaseCounters,
) -> Observed:
    """Take from the stages of an analysis what predictions rest on.

    `frames` are the rules' view of `trace.frames`.
    """
    stop_ns = watching_ns(trace)
    reached = [pool for pool in process.pools if pool.role is not PoolRole.OTHER]
    joins = _of(attribution, Kind.SPIN_JOIN)
    waking = np.isin(attribution.tid, process.callers) & _of(attribution, Kind.FUTEX) & attribution.in_request
    pools = tuple(_pool(pool, attribution, off, counters.begin.time_ns) for pool in reached)
    workers = [tid for pool in reached for tid in pool.tids]
    leaves = _leaves(trace)
    polls = np.isin(attribution.tid, workers) & _of(attribution, Kind.SPIN_IDLE, Kind.SPIN_BUSY)
    polling_ns = attribution.cpu_ns[polls]
    pausing = _pauses(trace, frames)[attribution.stack[polls]]
    stops = int((~polls & ~joins).sum()) + int((~np.isin(leaves.tid, workers)).sum())
    return Observed(
        seconds=counters.seconds,
        total_ns=float(counters.cpu_ns),
        samples=len(attribution.kind),
        join_ns=float(attribution.cpu_ns[joins].sum()),
        waking_ns=float(attribution.cpu_ns[waking].sum()),
        watched_ns=stop_ns * stops,
        pause_share=float(polling_ns[pausing].sum() / polling_ns.sum()) if polling_ns.sum() else 0.0,
        pools=pools,
        requests=_requests(off.anatomies, reached, pools, leaves, stop_ns),
        wake_latencies_ns=_latencies(off, workers),
    )


def watching_ns(trace: Trace) -> float:
    """Return how long perf keeps a thread to write a sample with its stack: the mean of what can be seen.

    A thread that leaves its CPU has an event with its stack, then the record of the switch, which waits for
    it. 0 where such events were not recorded.
    """
    leaves, switches = _leaves(trace), trace.switches
    lengths: list[int] = []
    for tid in np.unique(leaves.tid).tolist():
        begins = leaves.time_ns[leaves.tid == tid]
        ends = switches.time_ns[(switches.tid == tid) & ~switches.switched_in]
        following = np.searchsorted(ends, begins)
        there = following < ends.size
        nexts = np.append(begins[1:], np.iinfo(np.int64).max)[there]
        found = ends[following[there]]
        lengths += (found - begins[there])[found < nexts].tolist()
    return float(np.mean(lengths)) if lengths else 0.0


def _pauses(trace: Trace, frames: Sequence[Frame]) -> Column:
    """Say of each stack whether its leaf is in the pause; one more row, for what has none."""
    pauses = np.array([frame.wraps or bool(frame.name & Name.PAUSE) for frame in frames], np.bool_)
    offsets = trace.stacks.offsets
    filled = offsets[:-1] < offsets[1:]
    there = np.zeros(len(offsets), np.bool_)
    there[:-1][filled] = pauses[trace.stacks.frames[offsets[:-1][filled]]]
    return there


def _leaves(trace: Trace) -> WaitEvents:
    """Return the events with which threads left a CPU."""
    events = trace.wait_events
    return selected(events, events.event == WAIT_EVENTS.index(SWITCH_OUT))


def _of(attribution: Attribution, *kinds: Kind) -> Column:
    return np.isin(attribution.kind, [KINDS.index(kind) for kind in kinds])


def _pool(pool: Pool, attribution: Attribution, off: OffCpuProfile, begin_ns: int) -> PoolSeen:
    mine = np.isin(attribution.tid, pool.tids)
    works = mine & _of(attribution, *(kind for kind in Kind if kind.category is Category.EFFECTIVE))

    def spent(*kinds: Kind) -> float:
        return float(attribution.cpu_ns[mine & _of(attribution, *kinds)].sum())

    flights = flight_spans([request for request in off.anatomies.requests if pool.serves(request)])
    rows = off.waits.off
    woken = np.isin(rows.tid, pool.tids) & ~rows.preempted & ~rows.gap & rows.ended
    windows = () if off.spin_windows is None else off.spin_windows[pool.id]
    return PoolSeen(
        threads=len(pool.tids),
        idle_ns=spent(Kind.SPIN_IDLE),
        busy_ns=spent(Kind.SPIN_BUSY),
        futex_ns=spent(Kind.FUTEX),
        work_ns=float(attribution.cpu_ns[works].sum()),
        work_samples=int(works.sum()),
        windows_ns=tuple(window.wall_ns for window in windows),
        gaps_ns=tuple(
            begin - end
            for end, begin in zip(
                [begin_ns, *flights.end_ns.tolist()], flights.begin_ns.tolist(), strict=False
            )
        ),
        wake_ups=int(woken.sum()),
    )


def _latencies(off: OffCpuProfile, workers: Sequence[int]) -> tuple[int, ...]:
    rows = off.waits.off
    woken = np.isin(rows.tid, workers) & (rows.woken_ns != NONE) & rows.ended & ~rows.gap
    latencies: list[int] = np.sort(rows.end_ns[woken] - rows.woken_ns[woken]).tolist()
    return tuple(latencies)


def _requests(
    anatomies: Anatomies,
    pools: Sequence[Pool],
    seen: Sequence[PoolSeen],
    leaves: WaitEvents,
    stop_ns: float,
) -> tuple[RequestSeen, ...]:
    """Give each request its share of what its pools' workers did: samples of a single one are too few."""
    helped = np.zeros(len(anatomies))
    work = anatomies.part_ns(Part.COMPUTE)
    for pool, figures in zip(pools, seen, strict=True):
        served = np.array([pool.serves(request) for request in anatomies.requests], np.bool_)
        whole = work[served].sum()
        if whole:
            helped[served] += figures.work_ns * work[served] / whole
    waiting = anatomies.part_ns(Part.JOIN) + anatomies.part_ns(Part.FUTEX)
    columns = (
        waiting,
        anatomies.part_ns(Part.RUNNABLE),
        waiting + work + anatomies.part_ns(Part.OTHER),
        work,
        stop_ns * (anatomies.samples + _left(anatomies.requests, leaves)),
        helped,
    )
    return tuple(
        RequestSeen(request.scheduled_ns, request.start_ns, request.end_ns, request.caller, *figures_ns)
        for request, *figures_ns in zip(
            anatomies.requests, *(column.tolist() for column in columns), strict=True
        )
    )


def _left(requests: Sequence[Request], leaves: WaitEvents) -> Column:
    """Return how often each request's caller left its CPU in it."""
    instants = np.array([(request.start_ns, request.end_ns) for request in requests], np.int64).reshape(-1, 2)
    callers = [request.caller for request in requests]
    left = np.zeros(len(requests), np.int64)
    for tid in {caller for caller in callers if caller is not None}:
        rows = np.array([caller == tid for caller in callers], np.bool_)
        begun, ended = np.searchsorted(leaves.time_ns[leaves.tid == tid], instants[rows].T)
        left[rows] = ended - begun
    return left
