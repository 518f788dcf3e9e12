"""What a pool's threads were doing at an instant at which the calling thread waited for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import KINDS, MEANWHILE, Kind, Meanwhile
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.requests.spans import Spans
    from profiler.attribution.waits.classified import ClassifiedWaits


_IDLE = MEANWHILE.index(Meanwhile.IDLE)
_OF_KIND = np.full(len(KINDS), MEANWHILE.index(Meanwhile.COMPUTING), np.uint8)
for _spin in (Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.SPIN_JOIN):
    _OF_KIND[KINDS.index(_spin)] = _IDLE
_OF_KIND[KINDS.index(Kind.FUTEX)] = MEANWHILE.index(Meanwhile.WAKING)


@dataclass(frozen=True, slots=True)
class _Worker:
    """One thread: its samples, and its intervals off the CPU after an empty one before all time."""

    begin_ns: Column
    end_ns: Column
    ready_ns: Column
    preempted: Column
    sample_ns: Column
    doing: Column
    """Index into `MEANWHILE` of each sample."""
    stretches: Spans
    """When the process stood still for want of quota."""

    def at(self, time_ns: Column) -> Column:
        """Return the index into `MEANWHILE` for each instant."""
        row = np.searchsorted(self.begin_ns, time_ns, side="right") - 1
        running = time_ns >= self.end_ns[row]
        ready = ~running & (time_ns >= self.ready_ns[row])
        doing = np.full(time_ns.shape, _IDLE, np.uint8)
        until = np.append(self.begin_ns, np.iinfo(np.int64).max)[row + 1]
        doing[running] = self._running(time_ns[running], self.end_ns[row][running], until[running])
        doing[ready & self.preempted[row]] = MEANWHILE.index(Meanwhile.PREEMPTED)
        doing[ready & ~self.preempted[row]] = MEANWHILE.index(Meanwhile.WAKING)
        doing[ready & self.stretches.contain(time_ns)] = MEANWHILE.index(Meanwhile.THROTTLED)
        return doing

    def _running(self, time_ns: Column, since_ns: Column, until_ns: Column) -> Column:
        """Judge a running thread by its nearest sample in the same stint on a CPU.

        A stint without a sample is a short one: nothing but work wakes a thread that blocks, so it works.
        """
        doing = np.full(time_ns.shape, MEANWHILE.index(Meanwhile.COMPUTING), np.uint8)
        if not self.sample_ns.size:
            return doing
        after = np.searchsorted(self.sample_ns, time_ns)
        candidates = np.stack([np.maximum(after - 1, 0), np.minimum(after, self.sample_ns.size - 1)])
        times = self.sample_ns[candidates]
        usable = (times >= since_ns) & (times < until_ns)
        distance = np.where(usable, np.abs(times - time_ns), np.iinfo(np.int64).max)
        nearest = np.argmin(distance, axis=0)
        columns = np.arange(time_ns.size)
        judged = usable[nearest, columns]
        doing[judged] = self.doing[candidates[nearest, columns]][judged]
        return doing


class PoolWorkers:
    """The pool's threads in the profile phase."""

    def __init__(self, waits: ClassifiedWaits, attribution: Attribution, pool_tids: Iterable[int]) -> None:
        self._workers = []
        for tid in pool_tids:
            rows, samples = waits.off.of(tid), attribution.tid == tid
            self._workers.append(
                _Worker(
                    begin_ns=np.concatenate(([NONE], rows.begin_ns)),
                    end_ns=np.concatenate(([NONE], rows.end_ns)),
                    ready_ns=np.concatenate(([NONE], rows.ready_ns())),
                    preempted=np.concatenate(([False], rows.preempted)),
                    sample_ns=attribution.time_ns[samples],
                    doing=_OF_KIND[attribution.kind[samples]],
                    stretches=waits.stretches,
                )
            )

    def meanwhile(self, time_ns: Column) -> Column:
        """Return the index into `MEANWHILE` for each instant; without workers they are idle."""
        doing = np.full(time_ns.shape, _IDLE, np.uint8)
        for worker in self._workers:
            doing = np.minimum(doing, worker.at(time_ns))  # the order of `MEANWHILE` is the precedence
        return doing
