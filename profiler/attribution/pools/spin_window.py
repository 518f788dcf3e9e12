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
    """From that end until the pool's thread blocked that polled longest; 0 where all had before. Of a thread
    that waited for a CPU when the request ended, from when it got one: until then it did not poll. What it
    waits for one later counts."""
    cut_off: bool
    """The next request (or the phase's end) came before a thread that polled had blocked."""


def spin_windows(off: OffCpu, pool: Pool, requests: Sequence[Request], phase_end_ns: int) -> list[SpinWindow]:
    """Return the window after each time that a pool had requests in flight, in their order."""
    flights = flight_spans([request for request in requests if pool.serves(request)])
    ends = flights.end_ns
    nexts = np.append(flights.begin_ns, phase_end_ns)[1:]
    walls, cut_off = np.zeros_like(ends), np.zeros(ends.shape, np.bool_)
    for tid in pool.tids:
        rows = off.of(tid)
        begins, blocks = _on_cpu_from(rows, ends), _blocks_after(rows, ends)
        walls = np.maximum(walls, np.minimum(blocks, nexts) - begins)
        cut_off |= (begins < nexts) & (blocks > nexts)
    return [SpinWindow(*window) for window in zip(walls.tolist(), cut_off.tolist(), strict=True)]


def _on_cpu_from(rows: OffCpu, time_ns: Column) -> Column:
    """Return since when a thread with these rows has a CPU, at each instant or the next time after it."""
    whole = rows.where(~rows.gap)
    at = np.searchsorted(whole.begin_ns, time_ns, side="right") - 1
    # -1 is before all of them.
    return np.asarray(np.maximum(time_ns, np.append(whole.end_ns, 0)[at]))


def _blocks_after(rows: OffCpu, time_ns: Column) -> Column:
    """Return when a thread with these rows blocks next after each instant; that itself if it is blocked."""
    ready = rows.ready_ns()
    blocks = (ready > rows.begin_ns) & ~rows.gap
    following = np.searchsorted(ready[blocks], time_ns, side="right")
    return np.asarray(np.maximum(time_ns, np.append(rows.begin_ns[blocks], NEVER)[following]))
