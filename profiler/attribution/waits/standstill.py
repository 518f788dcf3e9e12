"""When a limited process stood still, to the context switch.

Readings of cpu.stat tell that a process was throttled, and when to within the time between two readings
(`profiler.record.limit.stopped`). Context switches tell exactly when none of its threads was on a CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import Spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from profiler.arrays import Bools, Column
    from profiler.attribution.waits.off_cpu import OffCpu


def sharpen(
    stretches: Iterable[tuple[int, int]], off: OffCpu, window_ns: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return the stretches from when the last thread left its CPU to when the first got one again.

    `off` are the intervals of all threads in a window (begin, end). Where records are missing, a thread
    counts as off. A stretch in which there was always a thread on a CPU is none.

    On a busy machine a reading can come much later than it should. All that is sure is that a stretch ended
    between the reading before and this one: it is the time without a thread on a CPU, of those that ended
    then, in which threads were ready for the longest. Quota that is left on another CPU may have let a thread
    run for a moment within it: who stayed ready meanwhile was throttled all along, so both sides count.
    """
    idle = Spans.of(_on_cpu(off, window_ns)).between(*window_ns)
    ready = [_ready(off.of(tid)) for tid in np.unique(off.tid).tolist()]
    still: list[tuple[int, int]] = []
    seen_ns, left = window_ns[0], 0
    for begin, read_ns in stretches:
        if begin >= window_ns[1] or read_ns <= seen_ns:
            continue
        first = max(left, int(np.searchsorted(idle.end_ns, seen_ns, side="right")))
        last = int(np.searchsorted(idle.begin_ns, read_ns, side="left"))
        seen_ns = read_ns
        begins, ends = idle.begin_ns[first:last], np.minimum(idle.end_ns[first:last], read_ns)
        waited = sum((spans.overlap_ns(begins, ends) for spans in ready), np.zeros(begins.shape, np.int64))
        if waited.any():
            over = idle.end_ns[first + 1 : last] <= read_ns  # else it may be the next reading's
            parts = _around(int(np.argmax(waited)), over & _stayed_ready(ready, begins, ends))
            still += zip(begins[parts].tolist(), ends[parts].tolist(), strict=True)
            left = first + parts.stop
    return still


def _stayed_ready(ready: Iterable[Spans], begins_ns: Column, ends_ns: Column) -> Bools:
    """Say for each two stretches that follow each other whether a thread was ready all the time between."""
    between = begins_ns[1:] - ends_ns[:-1]
    stayed = [spans.overlap_ns(ends_ns[:-1], begins_ns[1:]) == between for spans in ready]
    return np.asarray(np.any(stayed, axis=0))


def _around(row: int, joined: Bools) -> slice:
    """Return the rows that hang together with one; `joined` says it of each two neighbours."""
    cuts = np.flatnonzero(~joined) + 1
    after = int(np.searchsorted(cuts, row, side="right"))
    begin = int(cuts[after - 1]) if after else 0
    return slice(begin, int(cuts[after]) if after < cuts.size else joined.size + 1)


def _ready(rows: OffCpu) -> Spans:
    """Return when a thread was ready to run without doing so."""
    return Spans(rows.ready_ns(), rows.end_ns)


def _on_cpu(off: OffCpu, window_ns: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield when each thread was on a CPU: between its intervals off it."""
    for tid in np.unique(off.tid).tolist():
        rows = off.of(tid)
        begins = [window_ns[0], *rows.end_ns.tolist()]
        ends = [*rows.begin_ns.tolist(), window_ns[1]]
        yield from ((begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end)
