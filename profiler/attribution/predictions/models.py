"""What each session configuration does to CPU time and to requests: lows, highs and what is likely. Pure.

The three ways to wait, each from the same recording of pools that spin (docs/predictions.md has the reasons):

- one thread: polling, joining and waking fall away; what workers worked is the caller's;
- no spin: polling falls away, and each gap between two tasks of a worker ends with a wake-up. How many gaps a
  request has can't be seen in a recording in which workers poll through them: between bounds, the middle is
  said where these are close;
- a bounded spin: polling ends that long after work, so that the next request has to wake the workers.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from profiler.attribution.predictions.replay import Course, as_recorded
from profiler.attribution.statistics import Z95, percentile, share_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.predictions.observed import Observed, PoolSeen, RequestSeen

ENOUGH_WAKE_UPS = 5
"""Wake-ups of workers from which on their mean cost is taken for the machine's."""
HOW_MANY = "how many wake-ups a request takes can't be seen while workers poll through it"
HOW_LONG = "ONNX Runtime counts pauses instead of time, so that its polling may take longer than what is set"


@dataclass(frozen=True, slots=True)
class Model:
    """One configuration's effect, each as (low, likely, high)."""

    cpu_ns: tuple[float, float, float]
    """Nanoseconds of the whole recording."""
    courses: tuple[Course, Course, Course] | None = None
    """How requests go; None where that can't be told."""
    between: str = ""
    """Why what is likely is but the middle of bounds, said where these are close; empty where it is more."""


def enough_wake_ups(seen: Observed) -> bool:
    """Whether there were enough wake-ups of workers for a mean."""
    return sum(pool.wake_ups for pool in seen.pools) >= ENOUGH_WAKE_UPS


def wake_up_cpu_ns(seen: Observed) -> float | None:
    """Return the CPU time that a wake-up of a worker took, both sides together.

    None of too few, and where no sample fell there.
    """
    spent = seen.waking_ns + sum(pool.futex_ns for pool in seen.pools)
    return spent / sum(pool.wake_ups for pool in seen.pools) if enough_wake_ups(seen) and spent else None


def wake_up_latency_ns(seen: Observed, which: int) -> float:
    """Return a percentile of the time from waking to running; 0 where none was traced."""
    return percentile(seen.wake_latencies_ns, which) if seen.wake_latencies_ns else 0.0


def one_thread(seen: Observed) -> Model:
    """No workers."""
    waits = sum(pool.idle_ns + pool.busy_ns + pool.futex_ns for pool in seen.pools)
    return Model(_kept(seen, seen.total_ns - waits - seen.join_ns - seen.waking_ns), _alone(seen))


def _alone(seen: Observed) -> tuple[Course, Course, Course]:
    """Return how requests go whose callers do all the work."""
    spread = _spread(sum(pool.work_samples for pool in seen.pools))

    def alone(course: Course, share: float) -> Course:
        services = zip(course.service_ns, seen.requests, strict=True)
        return Course(
            course.late_ns,
            [service - request.join_ns + share * request.helped_ns for service, request in services],
        )

    likely, recorded = _undisturbed(seen), as_recorded(seen.requests)
    return alone(likely, 1 - spread), alone(likely, 1), alone(recorded, 1 + spread)


def no_spin(seen: Observed, wake_cpu_ns: float) -> Model:
    """Workers of pools that spin block at once."""
    spinning = [pool for pool in seen.pools if pool.spins]
    idle, busy = sum(pool.idle_ns for pool in spinning), sum(pool.busy_ns for pool in spinning)
    least = wake_cpu_ns * sum(_new_wake_ups(pool, 0) for pool in spinning)
    most = least + busy * _on_cpu_share(seen.requests)
    low, likely, high = _kept(seen, seen.total_ns - idle - busy)
    late = wake_up_latency_ns(seen, 95)
    _, alone, alone_high = _alone(seen)
    lowest, recorded = _undisturbed(seen), as_recorded(seen.requests)
    middle = [sum(pair) / 2 for pair in zip(lowest.service_ns, alone.service_ns, strict=True)]
    longest = [max(pair) + late for pair in zip(recorded.service_ns, alone_high.service_ns, strict=True)]
    return Model(
        (low + least, likely + (least + most) / 2, high + most),
        (lowest, Course(lowest.late_ns, middle), Course(recorded.late_ns, longest)),
        between=HOW_MANY,
    )


def bounded_spin(seen: Observed, spin_ns: int, wake_cpu_ns: float) -> Model:
    """Workers of pools that spin poll for so long, then block.

    ONNX Runtime counts pauses that take so long together; what its loop does besides may come on top.
    """
    spinning = [pool for pool in seen.pools if pool.spins]
    longest_ns = round(spin_ns / seen.pause_share)
    gone = [
        sum(pool.idle_ns * (1 - _polled_share(pool, bound_ns)) for pool in spinning)
        for bound_ns in (spin_ns, longest_ns)
    ]
    woken = wake_cpu_ns * sum(_new_wake_ups(pool, spin_ns) for pool in spinning)
    low, least, _ = (kept + woken for kept in _kept(seen, seen.total_ns - gone[0]))
    _, most, high = (kept + woken for kept in _kept(seen, seen.total_ns - gone[1]))
    longest_request = max((request.end_ns - request.start_ns for request in seen.requests), default=0)
    if longest_request > spin_ns:
        # A gap within a request may have been longer than that; it can't have been longer than the request.
        low -= sum(pool.busy_ns for pool in spinning) * (1 - spin_ns / longest_request)
    return Model((max(0.0, low), (least + most) / 2, high), between=HOW_LONG)


def _undisturbed(seen: Observed) -> Course:
    """Return how requests go while a CPU is free for each caller, and perf takes nothing.

    Whoever had the caller's CPU meanwhile could have had another one, were no worker polling on it. So with
    what a request was late by beyond the usual.
    """
    recorded = as_recorded(seen.requests)
    spins = any(pool.spins for pool in seen.pools)
    usual = median(recorded.late_ns) if spins and recorded.late_ns else float("inf")
    return Course(
        [min(late, usual) for late in recorded.late_ns],
        [
            service - request.watched_ns - (request.runnable_ns if spins else 0.0)
            for service, request in zip(recorded.service_ns, seen.requests, strict=True)
        ],
    )


def _kept(seen: Observed, kept_ns: float) -> tuple[float, float, float]:
    """Return CPU time that stays, between what the number of samples leaves possible.

    What perf took is taken off; at the high end it is not.
    """
    taken = min(seen.watched_ns, kept_ns)
    share = min(1.0, max(0.0, kept_ns / seen.total_ns)) if seen.total_ns else 0.0
    interval = share_interval(share, seen.samples)
    whole = seen.total_ns
    return max(0.0, interval.low * whole - taken), share * whole - taken, interval.high * whole


def _spread(samples: int) -> float:
    """Return how far a time may be off that so many samples show, as a share of it (Poisson)."""
    return min(1.0, Z95 / samples**0.5) if samples else 1.0


def _polled_share(pool: PoolSeen, spin_ns: int) -> float:
    """Return which part of a pool's polling between requests is left if it ends after so long."""
    whole = sum(pool.windows_ns)
    return sum(min(window, spin_ns) for window in pool.windows_ns) / whole if whole else 1.0


def _new_wake_ups(pool: PoolSeen, spin_ns: int) -> int:
    """Return how many more wake-ups it takes where workers block so long after work: each begins a flight."""
    return max(0, sum(gap > spin_ns for gap in pool.gaps_ns) * pool.threads - pool.wake_ups)


def _on_cpu_share(requests: Sequence[RequestSeen]) -> float:
    """Return the part of requests' time in which their callers had a CPU: without one, they wake nobody."""
    whole = sum(request.end_ns - request.start_ns for request in requests)
    return min(1.0, sum(request.on_cpu_ns for request in requests) / whole) if whole else 1.0
