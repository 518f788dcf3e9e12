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
    ends = flights.end_ns
    nexts = np.append(flights.begin_ns, phase_end_ns)[1:]
    last = ends
    for tid in pool.tids:
        last = np.maximum(last, _blocks_after(off.of(tid), ends))
    walls = np.maximum(0, np.minimum(last, nexts) - ends)
    return [SpinWindow(*window) for window in zip(walls.tolist(), (last > nexts).tolist(), strict=True)]


def _blocks_after(rows: OffCpu, time_ns: Column) -> Column:
    """Return when a thread with these rows blocks next after each instant; that itself if it is blocked."""
    ready = rows.ready_ns()
    blocks = (ready > rows.begin_ns) & ~rows.gap
    following = np.searchsorted(ready[blocks], time_ns, side="right")
    return np.asarray(np.maximum(time_ns, np.append(rows.begin_ns[blocks], NEVER)[following]))
