"""Latencies of requests that take longer or shorter, at the arrivals that were recorded. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.statistics import HUNDRED, Z95

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.predictions.observed import RequestSeen


@dataclass(frozen=True, slots=True)
class Course:
    """How requests go, each in the order of their starts."""

    late_ns: Sequence[float]
    """By how much each is late beyond waiting for its caller's request before."""
    service_ns: Sequence[float]
    """How long each takes from its start to its end."""


def as_recorded(requests: Sequence[RequestSeen]) -> Course:
    """Return how requests went."""
    ended: dict[int | None, int] = {}
    late = []
    for request in requests:
        late.append(float(max(0, request.start_ns - max(request.scheduled_ns, ended.get(request.caller, 0)))))
        ended[request.caller] = request.end_ns
    return Course(late, [float(request.end_ns - request.start_ns) for request in requests])


def closed_latencies_ns(course: Course) -> list[float]:
    """Return the latency of each request, in order, where a caller's next comes when one is served."""
    return [late + service for late, service in zip(course.late_ns, course.service_ns, strict=True)]


def latencies_ns(requests: Sequence[RequestSeen], course: Course) -> list[float]:
    """Return the latency of each request, in their order, if they go that way and come when they came.

    `requests` are in the order of their starts. A caller serves its requests one after the other, as it did:
    one that was late because of the request before starts when that ends now. One that began before the other
    had ended did not wait for it, and does not now.
    """
    ended: dict[int | None, tuple[int, float]] = {}
    latencies = []
    for request, late, service in zip(requests, course.late_ns, course.service_ns, strict=True):
        ended_then, ends_now = ended.get(request.caller, (0, 0.0))
        waited_for = ends_now if request.start_ns >= ended_then else 0.0
        end = max(float(request.scheduled_ns), waited_for) + late + service
        ended[request.caller] = request.end_ns, end
        latencies.append(end - request.scheduled_ns)
    return latencies


def rank_interval(which: int, count: int) -> tuple[int, int]:
    """Return the positions in order, from 0, between which a percentile lies in 95 of 100 cases.

    By the normal approximation of the binomial distribution of how many values are below it:
    https://en.wikipedia.org/wiki/Quantile#Estimating_quantiles_from_a_sample
    """
    share = which / HUNDRED
    half = Z95 * math.sqrt(count * share * (1 - share))
    return max(0, math.floor(count * share - half) - 1), min(count - 1, math.ceil(count * share + half) - 1)
