"""Where the wall time of each request went, along the calling thread.

A request lasts from its scheduled instant to its end. The calling thread starts it late, or is off the CPU
(exact, from context switches), or is on it (exact in sum; split by the kinds of the samples that fell there,
so statistical). What the workers did while the calling thread waited for them, by polling or on a futex, is
told beside it. Nothing is scaled: parts sum to the wall time, unless a switch record is missing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.calling_thread import CallingThread
from profiler.attribution.requests.spans import Spans
from profiler.attribution.requests.workers import PoolWorkers
from profiler.run.kinds import MEANWHILE, PARTS, Meanwhile, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Bools, Column, Floats
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.processes import Process
    from profiler.run.request import Request
    from profiler.trace.model import Switches


TOLERANCE = 0.02
"""Part of a request's wall time that may be unaccounted for before the request counts as unexplained."""
STEP_NS = 100_000
"""How finely a blocked wait is laid against what the workers did, where `MOST_STEPS` suffice."""
MOST_STEPS = 1_000_000
_JOIN, _LATE, _THROTTLED = (PARTS.index(part) for part in (Part.JOIN, Part.LATE, Part.THROTTLED))


@dataclass(frozen=True, slots=True)
class Anatomies:
    """One row a request, in nanoseconds of wall time."""

    requests: tuple[Request, ...]
    parts_ns: Floats
    """A column for each of `PARTS`; a row sums to the request's latency."""
    meanwhile_ns: Floats
    """A column for each of `MEANWHILE`: what the workers did during `Part.JOIN` and `Part.BLOCKED`, to whose
    sum a row adds up."""
    own_ns: Floats
    """Of `Part.RUNNABLE`, while another thread of the process had the CPU that the calling one got next."""
    samples: Column
    """How many samples the split of the time on the CPU rests on; 0: on those of all requests."""

    def __len__(self) -> int:
        return len(self.requests)

    def where(self, rows: Bools) -> Anatomies:
        """Return the rows that a mask selects."""
        return Anatomies(
            tuple(request for request, wanted in zip(self.requests, rows.tolist(), strict=True) if wanted),
            self.parts_ns[rows],
            self.meanwhile_ns[rows],
            self.own_ns[rows],
            self.samples[rows],
        )

    def part_ns(self, part: Part) -> Floats:
        """Return one part of each request."""
        return self.parts_ns[:, PARTS.index(part)]

    def parts_of(self, row: int) -> dict[Part, float]:
        """Return all parts of one request."""
        return dict(zip(PARTS, self.parts_ns[row].tolist(), strict=True))

    def meanwhile_of(self, row: int) -> dict[Meanwhile, float]:
        """Return what the workers did in one request."""
        return dict(zip(MEANWHILE, self.meanwhile_ns[row].tolist(), strict=True))

    def latency_ns(self) -> Column:
        """Return how long each request took from its scheduled instant."""
        return np.array([request.latency_ns for request in self.requests], np.int64)

    def explained(self) -> Bools:
        """Say of each request whether all but `TOLERANCE` of its wall time is accounted for."""
        wall = self.latency_ns()
        missing = np.abs(wall - self.parts_ns.sum(axis=1)) + self.part_ns(Part.UNACCOUNTED)
        return np.asarray(missing <= TOLERANCE * wall)


def dissect(
    switches: Switches,
    waits: ClassifiedWaits,
    attribution: Attribution,
    *,
    process: Process,
    requests: Sequence[Request],
    user_only: bool,
) -> Anatomies:
    """Return the anatomy of each request, in their order. `waits` were made of these `switches`.

    With `user_only`, perf saw no kernel code: what the samples do not account for is the kernel's.
    """
    found = _none(requests if process.callers else ())
    callers: dict[int, CallingThread] = {}
    for (tid, workers), rows in _alike(found.requests, process).items():
        if tid not in callers:
            callers[tid] = CallingThread(
                tid, switches=switches, waits=waits, attribution=attribution, user_only=user_only
            )
        instants = ((r.scheduled_ns, r.start_ns, r.end_ns) for r in map(found.requests.__getitem__, rows))
        scheduled_ns, begin_ns, end_ns = np.array(list(instants), np.int64).T
        pool = PoolWorkers(waits, attribution, workers)
        parts, polled = _parts(callers[tid], waits.stretches, scheduled_ns, begin_ns, end_ns)
        found.parts_ns[rows] = parts
        found.meanwhile_ns[rows] = polled[:, None] * _while_polling(callers[tid], pool, begin_ns, end_ns)
        found.meanwhile_ns[rows] += _while_blocked(callers[tid], pool, begin_ns, end_ns)
        found.own_ns[rows] = callers[tid].own_ns(begin_ns, end_ns)
        found.samples[rows] = callers[tid].samples(begin_ns, end_ns)
    return found


def _none(requests: Sequence[Request]) -> Anatomies:
    count = len(requests)
    parts, meanwhile = np.zeros((count, len(PARTS))), np.zeros((count, len(MEANWHILE)))
    return Anatomies(tuple(requests), parts, meanwhile, np.zeros(count), np.zeros(count, np.int64))


def _alike(requests: Sequence[Request], process: Process) -> dict[tuple[int, tuple[int, ...]], list[int]]:
    """Return rows of requests by their caller and the threads of the pools that serve them."""
    rows: defaultdict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for row, request in enumerate(requests):
        tid = process.callers[0] if request.caller is None else request.caller
        rows[tid, tuple(tid for pool in process.pools if pool.serves(request) for tid in pool.tids)].append(
            row
        )
    return dict(rows)


def _parts(
    caller: CallingThread, stretches: Spans, scheduled_ns: Column, begin_ns: Column, end_ns: Column
) -> tuple[Floats, Floats]:
    """Return each request's `PARTS`, and what it polled."""
    away = caller.away_ns(begin_ns, end_ns)
    on_cpu = caller.on_cpu(begin_ns, end_ns, end_ns - begin_ns - away.sum(axis=1))
    parts = away + on_cpu
    throttled = stretches.overlap_ns(scheduled_ns, begin_ns)
    parts[:, _THROTTLED] += throttled
    parts[:, _LATE] = begin_ns - scheduled_ns - throttled
    return parts, on_cpu[:, _JOIN]


def _while_polling(caller: CallingThread, pool: PoolWorkers, begin_ns: Column, end_ns: Column) -> Floats:
    """Return the share of each `MEANWHILE` in what requests polled, by the caller's samples."""
    return caller.polled(pool.meanwhile(caller.polled_at()), len(MEANWHILE), begin_ns, end_ns)


def _while_blocked(caller: CallingThread, pool: PoolWorkers, begin_ns: Column, end_ns: Column) -> Floats:
    """Return the nanoseconds of each `MEANWHILE` while callers were blocked, looked at in steps."""
    begins, ends = _steps(caller.blocked.common(Spans(begin_ns, end_ns)))
    doing = pool.meanwhile((begins + ends) // 2)
    each = (doing == index for index in range(len(MEANWHILE)))
    return np.stack([Spans(begins[rows], ends[rows]).overlap_ns(begin_ns, end_ns) for rows in each], axis=1)


def _steps(spans: Spans) -> tuple[Column, Column]:
    """Cut each span into equal steps; return their begins and ends."""
    length = spans.end_ns - spans.begin_ns
    count = length // max(STEP_NS, int(length.sum()) // MOST_STEPS) + 1
    row = np.repeat(np.arange(count.size), count)
    step = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count)
    each = (length / count)[row]
    begins, ends = (spans.begin_ns[row] + (each * number).astype(np.int64) for number in (step, step + 1))
    return begins, ends
