"""Which part of an interval lies within others, such as requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from profiler.spec.manifest import Request

    Column = npt.NDArray[Any]


class Spans:
    """Stretches of time; where they overlap, an instant counts once."""

    def __init__(self, spans_ns: Iterable[tuple[int, int]]) -> None:
        united: list[list[int]] = []
        for begin, end in sorted(spans_ns):
            if united and begin <= united[-1][1]:
                united[-1][1] = max(united[-1][1], end)
            else:
                united.append([begin, end])
        columns = np.array(united, np.int64).reshape(-1, 2)
        self._begin, self._end = columns[:, 0], columns[:, 1]
        self._before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self._end - self._begin)))

    def overlap_ns(self, begin_ns: Column, end_ns: Column) -> Column:
        """Return the nanoseconds that each interval has in common with the spans."""
        if not self._begin.size:
            return np.zeros(begin_ns.shape, np.int64)
        return np.asarray(self._until(end_ns) - self._until(begin_ns))

    def _until(self, time_ns: Column) -> Column:
        """Return the length of all spans before each instant."""
        index = np.searchsorted(self._begin, time_ns, side="right")
        beyond = np.clip(self._end[np.maximum(index - 1, 0)] - time_ns, 0, None)
        return np.where(index > 0, self._before[index] - beyond, 0)


def in_flight_ns(begin_ns: Column, end_ns: Column, requests: Sequence[Request]) -> Column:
    """Return for each interval the nanoseconds in which a request was in flight, from start to end."""
    return Spans((request.start_ns, request.end_ns) for request in requests).overlap_ns(begin_ns, end_ns)
