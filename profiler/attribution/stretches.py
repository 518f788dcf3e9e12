"""When a limited process stood still, to the context switch.

Readings of cpu.stat tell that a process was throttled, and when to within the time between two readings
(`profiler.record.limit.stretches`). Context switches tell exactly when none of its threads was on a CPU.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.windows import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.attribution.offcpu import OffCpu
    from profiler.spec.throttling import Throttling

LATE_TICKS = 2
"""A stretch begins at most this many readings late: one is how they work, one for a reading that was late."""


def sharpen(throttling: Throttling, off: OffCpu, window_ns: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the stretches from when the last thread left its CPU to when the first got one again.

    `off` are the intervals of all threads in a window (begin, end). Where records are missing, a thread
    counts as off. A stretch in which there was always a thread on a CPU is none.
    """
    begin_ns, end_ns = window_ns
    idle = Spans(_on_cpu(off, window_ns)).between(begin_ns, end_ns)
    found = []
    for begin, end in throttling.stretches:
        earliest = max(begin - LATE_TICKS * throttling.tick_ns, begin_ns)
        parts = list(idle.within(earliest, min(end, end_ns)))
        if parts:
            found.append(max(parts, key=lambda part: part[1] - part[0]))
    return found


def _on_cpu(off: OffCpu, window_ns: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield when each thread was on a CPU: between its intervals off it."""
    for tid in np.unique(off.tid).tolist():
        rows = off.of(tid)
        begins = [window_ns[0], *rows.end_ns.tolist()]
        ends = [*rows.begin_ns.tolist(), window_ns[1]]
        yield from ((begin, end) for begin, end in zip(begins, ends, strict=True) if begin < end)
