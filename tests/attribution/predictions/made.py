"""Observations that predictions rest on, of a service that never was."""

from __future__ import annotations

from profiler.attribution.predictions.observed import Observed, PoolSeen, RequestSeen

MS = 1_000_000


def request(start_ms: float, end_ms: float, **given: float) -> RequestSeen:
    """Return a request of caller 1; other values in ms, by their names without the unit."""
    scheduled_ms = given.pop("scheduled", start_ms)
    return RequestSeen(
        scheduled_ns=round(scheduled_ms * MS),
        start_ns=round(start_ms * MS),
        end_ns=round(end_ms * MS),
        caller=1,
        join_ns=given.get("join", 0.0) * MS,
        runnable_ns=given.get("runnable", 0.0) * MS,
        on_cpu_ns=given.get("on_cpu", end_ms - start_ms) * MS,
        work_ns=given.get("work", end_ms - start_ms) * MS,
        watched_ns=given.get("watched", 0.0) * MS,
        helped_ns=given.get("helped", 0.0) * MS,
    )


def observed(
    *, idle_ms: float = 1000, busy_ms: float = 60, wake_ups: int = 10, watched_ms: float = 0
) -> Observed:
    """Ten requests in a second: 10 ms each, of which the caller works 8, joins 1 and waits 0.5 for a CPU.

    A worker helps for 4 ms.

    Woken at the first section of each, which takes 0.02 ms of CPU time on either side.
    """
    requests = tuple(
        request(at, at + 10, join=1 + 0.02, on_cpu=9, work=8, helped=4, runnable=0.5, watched=watched_ms / 10)
        for at in range(0, 1000, 100)
    )
    futex_ms, joins_ms = 0.02 * wake_ups, 10.0
    pool = PoolSeen(
        threads=1,
        idle_ns=idle_ms * MS,
        busy_ns=busy_ms * MS,
        futex_ns=futex_ms * MS,
        work_ns=40 * MS,
        work_samples=400,
        windows_ns=(50 * MS,) * 10,
        gaps_ns=(90 * MS,) * 10,
        wake_ups=wake_ups,
    )
    total_ms = idle_ms + busy_ms + 2 * futex_ms + 40 + joins_ms + 80
    return Observed(
        seconds=1.0,
        total_ns=total_ms * MS,
        samples=round(total_ms),
        join_ns=joins_ms * MS,
        waking_ns=futex_ms * MS,
        watched_ns=watched_ms * MS,
        pause_share=1.0,
        pools=(pool,),
        requests=requests,
        wake_latencies_ns=(50_000,) * wake_ups,
    )
