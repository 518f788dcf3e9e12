"""How long a pool's threads keep polling after a request, before they block.

Exact where switches were recorded: a thread that polls is on a CPU or wants one, and it leaves by itself only
to block.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import flight_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.waits.off_cpu import OffCpu
    from profiler.run.processes import Pool
    from profiler.run.request import Request


NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class SpinWindow:
    """What followed one request, or several that overlap: the last end of them counts."""

    wall_ns: int
    """From that end until the last of the pool's threads blocked; 0 where all had before."""
    cut_off: bool
    """The next request (or the phase's end) came first, so the window would have been longer."""


def spin_windows(off: OffCpu, pool: Pool, requests: Sequence[Request], phase_end_ns: int) -> list[SpinWindow]:
    """Return the window after each time that a pool had requests in flight, in their order."""
    flights = flight_spans([request for request in requests if pool.serves(request)])
    ends = flights.end_ns.tolist()
    nexts = [*flights.begin_ns.tolist(), phase_end_ns][1:]
    workers = [_blocking(off.of(tid)) for tid in pool.tids]
    windows = []
    for end_ns, next_ns in zip(ends, nexts, strict=True):
        blocked = [_blocks_after(rows, end_ns) for rows in workers]
        last = max(blocked, default=end_ns)
        windows.append(SpinWindow(max(0, min(last, next_ns) - end_ns), last > next_ns))
    return windows


def _blocking(rows: OffCpu) -> tuple[Column, Column]:
    """Return the begin and the end of each of a thread's intervals in which it was blocked."""
    ready = rows.ready_ns()
    blocks = (ready > rows.begin_ns) & ~rows.gap
    return rows.begin_ns[blocks], ready[blocks]


def _blocks_after(blocked: tuple[Column, Column], time_ns: int) -> int:
    """Return when a thread blocks next; `time_ns` itself if it is blocked then."""
    begin, end = blocked
    following = int(np.searchsorted(end, time_ns, side="right"))
    return max(time_ns, int(begin[following])) if following < begin.size else int(NEVER)
