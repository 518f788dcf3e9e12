"""A thread that calls Run: when it was off the CPU and what for; what samples say of its time on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.occupancy import occupied
from profiler.attribution.requests.spans import Spans
from profiler.run.kinds import KINDS, PARTS, Kind, Part, Wait

if TYPE_CHECKING:
    from profiler.arrays import Column, Floats
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.trace.model import Switches


PART_OF_KIND = {
    Kind.COMPUTE: Part.COMPUTE,
    Kind.APP: Part.COMPUTE,
    Kind.SPIN_IDLE: Part.JOIN,
    Kind.SPIN_BUSY: Part.JOIN,
    Kind.SPIN_JOIN: Part.JOIN,
    Kind.FUTEX: Part.FUTEX,
    Kind.KERNEL: Part.OTHER,
    Kind.UNKNOWN: Part.OTHER,
}
PART_OF_WAIT = {
    Wait.FUTEX: Part.BLOCKED,
    Wait.RUNNABLE: Part.RUNNABLE,
    Wait.THROTTLED: Part.THROTTLED,
    Wait.SLEEP: Part.OTHER,
    Wait.IO: Part.OTHER,
}
_PART_OF_KIND = np.array([PARTS.index(PART_OF_KIND[kind]) for kind in KINDS], np.uint8)
_JOIN, _OTHER = PARTS.index(Part.JOIN), PARTS.index(Part.OTHER)


class CallingThread:
    """All methods take requests' instants as columns, one row a request; all times are nanoseconds."""

    def __init__(
        self,
        tid: int,
        switches: Switches,
        waits: ClassifiedWaits,
        attribution: Attribution,
        *,
        user_only: bool,
    ) -> None:
        its, mine = waits.of(tid), np.flatnonzero(attribution.tid == tid)
        mine = mine[np.argsort(attribution.time_ns[mine], kind="stable")]
        self._user_only = user_only
        self._sample_ns = attribution.time_ns[mine]
        self._part = _PART_OF_KIND[attribution.kind[mine]]
        self._weight = attribution.cpu_ns[mine]
        self._in_request = attribution.in_request[mine]
        self._gaps = Spans(its.off.begin_ns[its.off.gap], its.off.end_ns[its.off.gap])
        self._waits = its.spans()
        self._own = _own(its, self._waits[Wait.RUNNABLE], occupied(switches, tid))
        self.blocked = self._waits[Wait.FUTEX]

    def away_ns(self, begin_ns: Column, end_ns: Column) -> Floats:
        """Return how long it was off the CPU, a column for each of `PARTS`."""
        away = np.zeros((begin_ns.size, len(PARTS)))
        away[:, PARTS.index(Part.UNACCOUNTED)] = self._gaps.overlap_ns(begin_ns, end_ns)
        for wait, spans in self._waits.items():
            away[:, PARTS.index(PART_OF_WAIT[wait])] += spans.overlap_ns(begin_ns, end_ns)
        return away

    def own_ns(self, begin_ns: Column, end_ns: Column) -> Column:
        """Return how long it was ready while another thread of the process had the CPU that it got next."""
        own_ns: Column = self._own.overlap_ns(begin_ns, end_ns)
        return own_ns

    def samples(self, begin_ns: Column, end_ns: Column) -> Column:
        """Return how many samples tell what the time on the CPU was for; 0: those of all requests do."""
        first, last = self._rows(begin_ns, end_ns)
        weighs = np.concatenate(([0], np.cumsum(self._weight > 0)))
        return np.asarray(np.where(weighs[last] > weighs[first], last - first, 0))

    def on_cpu(self, begin_ns: Column, end_ns: Column, on_cpu_ns: Floats) -> Floats:
        """Split its time on the CPU over `PARTS` as the samples' weight is."""
        sums = self._weights(self._part, len(PARTS), np.ones(self._part.shape, np.bool_), begin_ns, end_ns)
        weight = sums.sum(axis=1)
        unseen = (weight == 0) | (self._user_only & (weight < on_cpu_ns))
        sums[unseen, _OTHER] += (on_cpu_ns - weight)[unseen]
        weight = np.where(unseen, on_cpu_ns, weight)
        return _over(sums * on_cpu_ns[:, None], weight[:, None])

    def polled_at(self) -> Column:
        """Return when it was sampled polling for its workers."""
        return np.asarray(self._sample_ns[self._part == _JOIN])

    def polled(self, during: Column, classes: int, begin_ns: Column, end_ns: Column) -> Floats:
        """Return for each class its share of the polling; `during`: the class at each of `polled_at`."""
        polls = self._part == _JOIN
        everywhere = np.zeros(polls.shape, np.int64)
        everywhere[polls] = during
        sums = self._weights(everywhere, classes, polls, begin_ns, end_ns)
        return _over(sums, sums.sum(axis=1, keepdims=True))

    def _rows(self, begin_ns: Column, end_ns: Column) -> tuple[Column, Column]:
        first = np.searchsorted(self._sample_ns, begin_ns, side="left")
        return first, np.maximum(first, np.searchsorted(self._sample_ns, end_ns, side="right"))

    def _weights(self, classes: Column, count: int, rows: Column, begin_ns: Column, end_ns: Column) -> Floats:
        """Sum the weight of each request's samples by class: its own, or where they weigh nothing, of all."""
        first, last = self._rows(begin_ns, end_ns)
        sums, others = np.empty((begin_ns.size, count)), self.samples(begin_ns, end_ns) == 0
        for index in range(count):
            weight = np.where(rows & (classes == index), self._weight, 0.0)
            before = np.concatenate(([0.0], np.cumsum(weight)))
            sums[:, index] = before[last] - before[first]
            sums[others, index] = weight[self._in_request].sum()
        return sums


def _over(sums: Floats, whole: Floats) -> Floats:
    """Return sums over a whole; 0 where that is."""
    return np.asarray(np.divide(sums, whole, out=np.zeros(sums.shape), where=whole > 0))


def _own(waits: ClassifiedWaits, runnable: Spans, others: dict[int, Spans]) -> Spans:
    """Return when a thread was ready while another had the CPU that it got next."""
    off = waits.off.where(~waits.off.gap)
    ready_ns = off.ready_ns()
    pieces = [
        Spans(ready_ns[off.cpu == cpu], off.end_ns[off.cpu == cpu]).common(runnable).common(spans)
        for cpu, spans in others.items()
    ]
    return Spans(
        np.concatenate([np.zeros(0, np.int64), *(piece.begin_ns for piece in pieces)]),
        np.concatenate([np.zeros(0, np.int64), *(piece.end_ns for piece in pieces)]),
    )
