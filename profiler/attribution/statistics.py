"""Figures of one phase: CPU use and latency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.sections.cpu_section import ShareInterval
from profiler.run.sections.load_section import LatencyFigures, LateStarts, LoadFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.request import Request

PERCENTILES = (50, 95, 99)
HUNDRED = 100
Z95 = 1.96
"""Standard normal quantile of 97.5 %."""


def supported(percentile: int, count: int) -> bool:
    """Whether a sample of `count` values holds at least one beyond the percentile: n (1 - p) >= 1.

    With fewer, an estimate would be the maximum under another name.
    """
    return count * (HUNDRED - percentile) >= HUNDRED


def percentile(values: Sequence[float], which: int) -> float:
    """Return a percentile by the nearest-rank definition: the smallest value with at least p % at or below.

    It is a value that was seen, as in MLPerf LoadGen; no interpolation between two requests.
    """
    ordered = sorted(values)
    return ordered[math.ceil(which * len(ordered) / HUNDRED) - 1]


def share_interval(share: float, count: int) -> ShareInterval:
    """Return where a share lies that `count` samples show: Wilson's score interval, 95 %.

    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    if not count:
        return ShareInterval(0.0, 1.0)
    z2 = Z95 * Z95 / count
    middle = (share + z2 / 2) / (1 + z2)
    half = Z95 / (1 + z2) * math.sqrt(share * (1 - share) / count + z2 / (4 * count))
    return ShareInterval(max(0.0, middle - half), min(1.0, middle + half))


def latency_figures(requests: Sequence[Request]) -> LatencyFigures:
    """Return mean, p50, p95, p99 and max in milliseconds; None where the requests are too few to say."""
    values = [request.latency_ns / 1e6 for request in requests]
    p50, p95, p99 = (
        percentile(values, which) if supported(which, len(values)) else None for which in PERCENTILES
    )
    mean = float(np.mean(values)) if values else None
    return LatencyFigures(mean=mean, p50=p50, p95=p95, p99=p99, max=max(values, default=None))


def load_figures(counters: PhaseCounters, requests: Sequence[Request]) -> LoadFigures:
    """Return CPU use and latency of a phase with these requests."""
    return LoadFigures(
        seconds=counters.seconds,
        requests=len(requests),
        cpu_ms=counters.cpu_ns / 1e6,
        cpu_percent=counters.cpu_ns / 1e7 / counters.seconds,
        cpu_ms_per_request=counters.cpu_ns / 1e6 / len(requests) if requests else None,
        latency_ms=latency_figures(requests),
        late_start_ms=late_starts(requests),
    )


def late_starts(requests: Sequence[Request]) -> LateStarts | None:
    """Return how long after their scheduled instants requests started; None without any."""
    late = [request.start_ns - request.scheduled_ns for request in requests]
    return LateStarts(float(np.mean(late)) / 1e6, max(late) / 1e6) if late else None
