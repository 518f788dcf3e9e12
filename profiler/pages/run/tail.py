"""How long pool threads keep polling after a request: the spin window of this ONNX Runtime on this CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import flight_spans
from profiler.attribution.statistics import percentile
from profiler.run.kinds import KINDS, ROLES, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.run.request import Request


NEVER = np.iinfo(np.int64).max
STILL_SPINNING_NS = 2_000_000
"""A tail whose last sample is this close to the next request's start was cut short by it."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Idle-spin tails: one for each request and pool thread that polled after it."""

    count: int
    wall_p50_ms: float
    wall_max_ms: float
    """From a request's end to the thread's last polling sample before the next request."""
    cpu_p50_ms: float
    """CPU time polled in a tail."""
    cut_short: int
    """Tails that lasted until the next request began: the window may be longer."""
    resolution_ms: float
    """Time between two samples of a running thread."""


def spin_tails(attribution: Attribution, requests: Sequence[Request], frequency_hz: int) -> Tails | None:
    """Measure the tails; None when no pool thread was seen polling after a request."""
    flights = flight_spans(requests)
    ends, nexts = flights.end_ns, np.append(flights.begin_ns[1:], NEVER)
    polling = (attribution.kind == KINDS.index(Kind.SPIN_IDLE)) & (attribution.role == ROLES.index(Role.POOL))
    if not len(ends) or not polling.any():
        return None
    time_ns, tid = attribution.time_ns[polling], attribution.tid[polling]
    cpu_ns = attribution.cpu_ns[polling]
    gap = np.searchsorted(ends, time_ns, side="right") - 1
    after = gap >= 0
    gap, time_ns, tid, cpu_ns = gap[after], time_ns[after], tid[after], cpu_ns[after]
    if not len(gap):
        return None
    tids, thread = np.unique(tid, return_inverse=True)
    tails, index = np.unique(gap * len(tids) + thread.reshape(-1), return_inverse=True)
    index = index.reshape(-1)
    last = np.zeros(len(tails), np.int64)
    np.maximum.at(last, index, time_ns)
    which = tails // len(tids)
    wall = (last - ends[which]) / 1e6
    cpu = np.bincount(index, weights=cpu_ns) / 1e6
    return Tails(
        len(tails),
        percentile(wall.tolist(), 50),
        float(wall.max()),
        percentile(cpu.tolist(), 50),
        int(np.count_nonzero(nexts[which] - last <= STILL_SPINNING_NS)),
        1e3 / frequency_hz,
    )
