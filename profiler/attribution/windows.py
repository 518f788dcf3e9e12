"""Which part of an interval lies within requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from profiler.spec.manifest import Request

    Column = npt.NDArray[Any]


def in_flight_ns(begin_ns: Column, end_ns: Column, requests: Sequence[Request]) -> Column:
    """Return for each interval the nanoseconds in which a request was in flight, from its start to its end.

    Requests may overlap; an instant counts once.
    """
    starts, ends = _union(requests)
    if not starts.size:
        return np.zeros(begin_ns.shape, np.int64)
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(ends - starts)))

    def until(time_ns: Column) -> Column:
        index = np.searchsorted(starts, time_ns, side="right")
        last = np.maximum(index - 1, 0)
        beyond = np.clip(ends[last] - time_ns, 0, None)
        return np.where(index > 0, before[index] - beyond, 0)

    return np.asarray(until(end_ns) - until(begin_ns))


def _union(requests: Sequence[Request]) -> tuple[Column, Column]:
    """Return the starts and ends of the disjoint intervals that the requests make up."""
    spans: list[list[int]] = []
    for request in sorted(requests, key=lambda request: request.start_ns):
        if spans and request.start_ns <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], request.end_ns)
        else:
            spans.append([request.start_ns, request.end_ns])
    columns = np.array(spans, np.int64).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]
