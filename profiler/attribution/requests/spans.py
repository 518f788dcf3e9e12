"""Which part of an interval lies within others, such as requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from profiler.arrays import Column
    from profiler.run.request import Request


class Spans:
    """Stretches of time; where they overlap, an instant counts once."""

    def __init__(self, spans_ns: Iterable[tuple[int, int]]) -> None:
        united: list[list[int]] = []
        for begin, end in sorted(span for span in spans_ns if span[0] < span[1]):
            if united and begin <= united[-1][1]:
                united[-1][1] = max(united[-1][1], end)
            else:
                united.append([begin, end])
        columns = np.array(united, np.int64).reshape(-1, 2)
        self.begin_ns, self.end_ns = columns[:, 0], columns[:, 1]
        self._before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.end_ns - self.begin_ns)))

    def overlap_ns(self, begin_ns: Column, end_ns: Column) -> Column:
        """Return the nanoseconds that each interval has in common with the spans."""
        if not self.begin_ns.size:
            return np.zeros(begin_ns.shape, np.int64)
        return np.asarray(self._until(end_ns) - self._until(begin_ns))

    def contain(self, time_ns: Column) -> Column:
        """Say for each instant whether it lies in a span; a span's end does not."""
        index = np.searchsorted(self.begin_ns, time_ns, side="right")
        return np.asarray(time_ns < np.concatenate(([np.iinfo(np.int64).min], self.end_ns))[index])

    def within(self, begin_ns: int, end_ns: int) -> Iterator[tuple[int, int]]:
        """Yield the parts of the spans that lie between two instants."""
        first = int(np.searchsorted(self.end_ns, begin_ns, side="right"))
        last = int(np.searchsorted(self.begin_ns, end_ns, side="left"))
        for row in range(first, last if begin_ns < end_ns else first):
            yield max(begin_ns, int(self.begin_ns[row])), min(end_ns, int(self.end_ns[row]))

    def common(self, other: Spans) -> Spans:
        """Return the spans that both have."""
        ours = zip(self.begin_ns.tolist(), self.end_ns.tolist(), strict=True)
        return Spans(part for begin, end in ours for part in other.within(begin, end))

    def between(self, begin_ns: int, end_ns: int) -> Spans:
        """Return the spans of the time between two instants that these leave."""
        inside = list(self.within(begin_ns, end_ns))
        begins = [begin_ns, *(end for _, end in inside)]
        ends = [*(begin for begin, _ in inside), end_ns]
        return Spans((begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end)

    def _until(self, time_ns: Column) -> Column:
        """Return the length of all spans before each instant."""
        index = np.searchsorted(self.begin_ns, time_ns, side="right")
        beyond = np.clip(self.end_ns[np.maximum(index - 1, 0)] - time_ns, 0, None)
        return np.where(index > 0, self._before[index] - beyond, 0)


def flight_spans(requests: Sequence[Request]) -> Spans:
    """Return when a request was in flight, from start to end."""
    return Spans((request.start_ns, request.end_ns) for request in requests)
