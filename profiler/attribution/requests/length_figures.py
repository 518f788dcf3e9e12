"""`lengths` of summary.json: what the slowest requests' latency was made of, where their lengths differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.statistics import percentile, supported
from profiler.run.sections.request_section import LengthFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.run.fed import Fed
    from profiler.run.processes import Session
    from profiler.run.records import Recorded
    from profiler.run.request import Request

TAIL = 95
"""The slowest requests are those at this percentile of latency and beyond."""


def length_figures(recorded: Recorded) -> LengthFigures | None:
    """Explain the measure phase's tail by length and by waiting; None where all requests have one length.

    Of the first session, whose sets of inputs tell lengths. By least squares over all its requests, one of
    length L takes a + b L from its start to its end. Of what the slowest took longer than the mean request,
    b times what they were longer is their length's, what they started later is waiting, the rest neither.
    """
    requests, length = sized_requests(recorded)
    if not supported(TAIL, len(requests)) or length.min() == length.max():
        return None
    return _explained(requests, length)


def sized_requests(recorded: Recorded) -> tuple[list[Request], Floats]:
    """Return the measure phase's requests of the first session, and each one's length in elements."""
    if not recorded.fed:
        return [], np.zeros(0)
    first = [tid for process in recorded.manifest.processes for tid in _first_callers(process.sessions)]
    sizes = lengths(recorded.fed[0])
    requests = [
        request
        for request in recorded.requests_of("measure")
        if request.caller in first and request.fed is not None and request.fed < len(sizes)
    ]
    return requests, np.array([sizes[request.fed or 0] for request in requests], np.float64)


def lengths(fed: Fed) -> list[int]:
    """Return the elements of each set's largest input, a batch's first dimension left out."""
    return [
        max((math.prod(shape[1:] or shape) for shape in array_set.shapes.values()), default=0)
        for array_set in fed.sets
    ]


def _first_callers(sessions: Sequence[Session]) -> list[int]:
    return sessions[0].callers if sessions else []


def _explained(requests: Sequence[Request], length: Floats) -> LengthFigures:
    late, served = (
        np.array(values) / 1e6
        for values in (
            [request.start_ns - request.scheduled_ns for request in requests],
            [request.end_ns - request.start_ns for request in requests],
        )
    )
    latency = late + served
    slow = latency >= percentile(latency.tolist(), TAIL)
    slope = float(np.polyfit(length, served, 1)[0])
    waiting = float(late[slow].mean() - late.mean())
    by_length = slope * float(length[slow].mean() - length.mean())
    longer = float(latency[slow].mean() - latency.mean())
    return LengthFigures(
        requests=len(requests),
        slowest=int(slow.sum()),
        mean_length=float(length.mean()),
        slowest_length=float(length[slow].mean()),
        ms_per_element=slope,
        longer_ms=longer,
        waiting_ms=waiting,
        length_ms=by_length,
        rest_ms=longer - waiting - by_length,
    )
