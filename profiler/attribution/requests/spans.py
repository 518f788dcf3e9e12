"""Which part of an interval lies within others, such as requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from profiler.arrays import Column
    from profiler.run.request import Request


class Spans:
    """Stretches of time, ascending; where those that it is made of overlap or touch, they are one."""

    def __init__(self, begin_ns: Column, end_ns: Column) -> None:
        filled = begin_ns < end_ns
        order = np.argsort(begin_ns[filled], kind="stable")
        begins, ends = begin_ns[filled][order], np.maximum.accumulate(end_ns[filled][order])
        first, last = np.ones((2, begins.size), np.bool_)
        first[1:] = last[:-1] = begins[1:] > ends[:-1]
        self.begin_ns, self.end_ns = begins[first], ends[last]
        self._before = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.end_ns - self.begin_ns)))

    @classmethod
    def of(cls, spans_ns: Iterable[tuple[int, int]]) -> Spans:
        """Return those of pairs (begin, end)."""
        columns = np.array(list(spans_ns), np.int64).reshape(-1, 2)
        return cls(columns[:, 0], columns[:, 1])

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
        first = np.searchsorted(other.end_ns, self.begin_ns, side="right")
        count = np.searchsorted(other.begin_ns, self.end_ns, side="left") - first
        row = np.repeat(np.arange(count.size), count)
        theirs = np.arange(row.size) + np.repeat(first - np.cumsum(count) + count, count)
        return Spans(
            np.maximum(self.begin_ns[row], other.begin_ns[theirs]),
            np.minimum(self.end_ns[row], other.end_ns[theirs]),
        )

    def between(self, begin_ns: int, end_ns: int) -> Spans:
        """Return the spans of the time between two instants that these leave."""
        begins = np.concatenate(([begin_ns], np.clip(self.end_ns, begin_ns, end_ns)))
        ends = np.concatenate((np.clip(self.begin_ns, begin_ns, end_ns), [end_ns]))
        return Spans(begins, ends)

    def without(self, other: Spans) -> Spans:
        """Return what these leave where others are taken away."""
        if not self.begin_ns.size:
            return self
        return self.common(other.between(int(self.begin_ns[0]), int(self.end_ns[-1])))

    def _until(self, time_ns: Column) -> Column:
        """Return the length of all spans before each instant."""
        index = np.searchsorted(self.begin_ns, time_ns, side="right")
        beyond = np.clip(self.end_ns[np.maximum(index - 1, 0)] - time_ns, 0, None)
        return np.where(index > 0, self._before[index] - beyond, 0)


def flight_spans(requests: Sequence[Request]) -> Spans:
    """Return when a request was in flight, from start to end."""
    return Spans.of((request.start_ns, request.end_ns) for request in requests)
