"""Who woke whom: the arrows of the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.cpu.attribute import inside
from profiler.findings.threads import thread_rows
from profiler.pages.base.packed import pack, pack_rising
from profiler.trace.model import NONE, WAKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.findings.threads import SampledThread
    from profiler.run.request import Request


US = 1_000
MOST_WAKE_UPS = 20_000


@dataclass(frozen=True, slots=True)
class TimelineWakeUps:
    """What the page's script reads."""

    columns: dict[str, str]
    """By wake-up: `wake.at` (rising, microseconds from the phase's start), `.delay` (until the woken thread
    ran, microseconds), `.threads` (who woke * threads + who was woken)."""
    kept: int
    count: int
    """How many there were, of which those in requests were kept first."""


def wake_ups(
    off_cpu: OffCpuProfile | None, threads: list[SampledThread], requests: Sequence[Request], begin_ns: int
) -> TimelineWakeUps | None:
    """Return the wake-ups of one of these threads by another; None where they were not recorded.

    `begin_ns`: the phase's. A wake-up whose thread did not run any more is left out.
    """
    if off_cpu is None or WAKING not in off_cpu.settings.wait_events:
        return None
    off = off_cpu.waits.off
    waker, woken = thread_rows(threads, off.waker), thread_rows(threads, off.tid)
    seen = (off.woken_ns >= begin_ns) & (off.waker != NONE) & off.ended
    rows = np.flatnonzero(seen & (np.maximum(waker, woken) < len(threads)) & (waker != woken))
    count = rows.size
    rows = rows[np.lexsort((off.woken_ns[rows], ~inside(off.woken_ns[rows], requests)))][:MOST_WAKE_UPS]
    rows = rows[np.argsort(off.woken_ns[rows], kind="stable")]
    at = (off.woken_ns[rows] - begin_ns) // US
    columns = {
        "wake.at": pack_rising(at),
        "wake.delay": pack((off.end_ns[rows] - begin_ns) // US - at),
        "wake.threads": pack(waker[rows] * len(threads) + woken[rows]),
    }
    return TimelineWakeUps(columns, rows.size, count)
