"""Figures of a CPU limit: what the kernel counted, and what each request waited for its next period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler.attribution.statistics import percentile, supported
from profiler.run.sections.load_section import CpuBudget, StoppedInRequests, ThrottledFigures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.arrays import Floats
    from profiler.run.cpu_budget import Cpus
    from profiler.run.request import Request
    from profiler.run.throttling import Throttling

P95 = 95


def stopped_inside(stretches: Sequence[tuple[int, int]], requests: Sequence[Request]) -> Floats:
    """Return for each request how long the process stood still between its scheduled time and its end, in ns.

    With S(t) the time stood still before t, which grows in stretches alone, it is S(end) - S(scheduled).
    """
    if not stretches or not requests:
        return np.zeros(len(requests))
    origin = stretches[0][0]  # a double holds nanoseconds since then, not those since boot

    def since(times: Iterable[int]) -> Floats:
        return np.array([float(time - origin) for time in times])

    begins, ends = since(begin for begin, _ in stretches), since(end for _, end in stretches)
    after = np.cumsum(ends - begins)
    edges = np.column_stack((begins, ends)).ravel()
    totals = np.column_stack((np.concatenate(([0.0], after[:-1])), after)).ravel()
    scheduled, ended = (
        np.interp(since(times), edges, totals)
        for times in ((r.scheduled_ns for r in requests), (r.end_ns for r in requests))
    )
    inside: Floats = ended - scheduled
    return inside


def throttled_figures(throttling: Throttling | None, requests: Sequence[Request]) -> ThrottledFigures | None:
    """Return what a CPU limit did in a phase with these requests, or None without a limit."""
    if throttling is None:
        return None
    counted = throttling.counted
    inside = stopped_inside(throttling.stretches, requests) / 1e6
    return ThrottledFigures(
        periods=counted.periods,
        throttled_periods=counted.throttled_periods,
        throttled_ms=counted.throttled_ns / 1e6,
        bursts=counted.bursts,
        stopped_ms=sum(end - begin for begin, end in throttling.stretches) / 1e6,
        resolution_ms=throttling.tick_ns / 1e6,
        per_request_ms=StoppedInRequests(
            mean=float(inside.mean()) if requests else None,
            p95_request=_of_p95_request(requests, inside),
            max=float(inside.max()) if requests else None,
        ),
    )


def _of_p95_request(requests: Sequence[Request], inside: Floats) -> float | None:
    if not supported(P95, len(requests)):
        return None
    latencies = [request.latency_ns for request in requests]
    return float(inside[latencies.index(int(percentile(latencies, P95)))])


def cpu_budget(cpus: Cpus | None) -> CpuBudget | None:
    """Return what the workload might use, and the threads that wanted it; None where nobody looked."""
    return None if cpus is None else CpuBudget(**msgspec.structs.asdict(cpus), usable=cpus.usable)
