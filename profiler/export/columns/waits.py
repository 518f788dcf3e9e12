"""Time off the CPU, a row a stretch of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.export.columns.flights import request_at
from profiler.run.kinds import EVIDENCES, WAITS, Evidence, Wait
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Bytes, Column, Int32s, Int64s
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.export.columns.threads import ExportedThread
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class WaitRows:
    """One row a stretch, in order of its begin; the sum of each kind's lengths is summary.json's.

    A thread that waits, is woken and gets a CPU later has a row of what it waited for and one `runnable`;
    where a CPU limit kept it off meanwhile, more.
    """

    begin_ns: Int64s
    """CLOCK_MONOTONIC."""
    end_ns: Int64s
    thread: Int32s
    """Index into the run's threads."""
    kind: Bytes
    """Index into `WAITS`."""
    evidence: Bytes
    """Index into `EVIDENCES`."""
    request: Int32s
    """Index into the run's requests of the one in flight at the begin; NONE where none was."""
    stack: Int32s
    """Where the thread left the CPU: index into the trace's stacks; NONE where that was not recorded."""
    waker: Int32s
    """Of a stretch ready to run that a wake-up began: the thread id of who woke it. NONE where that was not
    seen, and for other stretches."""
    ran_ns: Int64s
    """When the thread got a CPU again; NONE where it did not in this phase."""

    @property
    def ns(self) -> Int64s:
        """The length of each stretch."""
        return self.end_ns - self.begin_ns


def waits_of(
    classified: ClassifiedWaits, threads: Sequence[ExportedThread], requests: Sequence[Request]
) -> WaitRows:
    """Return the stretches; `requests` are the phase's in order of their starts.

    Where the record of a switch is missing, nothing is known and there is no row.
    """
    rows, kind, begin_ns, end_ns = (
        np.concatenate(columns) for columns in zip(*_stretches(classified), strict=True)
    )
    some = end_ns > begin_ns
    order = np.flatnonzero(some)[np.argsort(begin_ns[some], kind="stable")]
    rows, kind, begin_ns, end_ns = rows[order], kind[order], begin_ns[order], end_ns[order]
    off = classified.off
    number = {thread.tid: index for index, thread in enumerate(threads)}
    ready = np.isin(kind, [WAITS.index(Wait.RUNNABLE), WAITS.index(Wait.THROTTLED)])
    woken = ready & ~off.preempted[rows] & (off.woken_ns[rows] == begin_ns)
    return WaitRows(
        begin_ns=begin_ns,
        end_ns=end_ns,
        thread=np.array([number[tid] for tid in off.tid[rows].tolist()], np.int32),
        kind=kind.astype(np.uint8),
        # That it was ready is the scheduler's word, whatever is known of what it waited for before.
        evidence=np.where(ready, EVIDENCES.index(Evidence.SYSCALL), classified.evidence[rows]).astype(
            np.uint8
        ),
        request=request_at(begin_ns, off.tid[rows], classified.process, requests),
        stack=off.stack[rows].astype(np.int32),
        waker=np.where(woken, off.waker[rows], NONE).astype(np.int32),
        ran_ns=np.where(off.ended[rows], off.end_ns[rows], NONE),
    )


def _stretches(waits: ClassifiedWaits) -> Iterator[tuple[Column, Column, Column, Column]]:
    """Yield (row of `off`, kind, begin, end) of what was waited for, and of the time ready to run."""
    off, ready_ns = waits.off, waits.off.ready_ns()
    known = np.flatnonzero(~off.gap)
    yield known, waits.kind[known], off.begin_ns[known], ready_ns[known]
    begin_ns, end_ns = ready_ns[known], off.end_ns[known]
    stopped = waits.stretches.overlap_ns(begin_ns, end_ns) > 0
    runnable, throttled = WAITS.index(Wait.RUNNABLE), WAITS.index(Wait.THROTTLED)
    whole = known[~stopped]
    yield whole, np.full(whole.shape, runnable), begin_ns[~stopped], end_ns[~stopped]
    pieces = [
        (row, kind, *piece)
        for row, begin, end in zip(
            known[stopped].tolist(), begin_ns[stopped].tolist(), end_ns[stopped].tolist(), strict=True
        )
        for kind, spans in (
            (throttled, waits.stretches.within(begin, end)),
            (runnable, waits.stretches.between(begin, end).within(begin, end)),
        )
        for piece in spans
    ]
    columns = np.array(pieces, np.int64).reshape(-1, 4)
    yield columns[:, 0], columns[:, 1], columns[:, 2], columns[:, 3]
