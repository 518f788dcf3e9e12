"""Where the wall time of each request went, along the calling thread.

A request lasts from its scheduled instant to its end. The calling thread starts it late, or is off the CPU
(exact, from context switches), or is on it (exact in sum; split by the kinds of the samples that fell there,
so statistical). What the workers did while the calling thread waited for them, by polling or on a futex, is
told beside it. Nothing is scaled: parts sum to the wall time, unless a switch record is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.occupancy import Occupancy
from profiler.attribution.requests.workers import PoolWorkers
from profiler.run.kinds import KINDS, MEANWHILE, PARTS, WAITS, Kind, Meanwhile, Part, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.processes import Process
    from profiler.run.request import Request
    from profiler.trace.model import Switches


TOLERANCE = 0.02
"""Part of a request's wall time that may be unaccounted for before the request counts as unexplained."""
STEP_NS = 100_000
"""How finely a blocked wait is laid against what the workers did."""


PART_OF_KIND = {
    Kind.COMPUTE: Part.COMPUTE,
    Kind.APP: Part.COMPUTE,
    Kind.SPIN_IDLE: Part.JOIN,
    Kind.SPIN_BUSY: Part.JOIN,
    Kind.SPIN_JOIN: Part.JOIN,
    Kind.FUTEX: Part.FUTEX,
    Kind.KERNEL: Part.OTHER,
    Kind.UNKNOWN: Part.OTHER,
}
PART_OF_WAIT = {
    Wait.FUTEX: Part.BLOCKED,
    Wait.RUNNABLE: Part.RUNNABLE,
    Wait.THROTTLED: Part.THROTTLED,
    Wait.SLEEP: Part.OTHER,
    Wait.IO: Part.OTHER,
}


@dataclass(frozen=True, slots=True)
class RequestAnatomy:
    """One request, in nanoseconds of wall time."""

    request: Request
    parts: dict[Part, float]
    """Sums to the request's latency."""
    meanwhile: dict[Meanwhile, float]
    """What the workers did during `Part.JOIN` and `Part.BLOCKED`, to whose sum it adds up."""
    own_ns: float
    """Of `Part.RUNNABLE`, while another thread of the process had the CPU that the calling one got next."""
    samples: int
    """How many samples the split of the time on the CPU rests on; 0: on those of all requests."""

    @property
    def explained(self) -> bool:
        """Whether all but `TOLERANCE` of the wall time is accounted for."""
        wall = self.request.latency_ns
        missing = abs(wall - sum(self.parts.values())) + self.parts[Part.UNACCOUNTED]
        return missing <= TOLERANCE * wall


def dissect(
    switches: Switches,
    waits: ClassifiedWaits,
    attribution: Attribution,
    *,
    process: Process,
    requests: Sequence[Request],
    user_only: bool,
) -> list[RequestAnatomy]:
    """Return the anatomy of each request, in their order. `waits` were made of these `switches`.

    With `user_only`, perf saw no kernel code: what the samples do not account for is the kernel's.
    """
    callers = {
        tid: _Caller(
            waits=waits.of(tid),
            sample_ns=attribution.time_ns[mine],
            part=_PART_OF_KIND[attribution.kind[mine]],
            weight=attribution.cpu_ns[mine],
            in_request=attribution.in_request[mine],
            occupancy=Occupancy(switches, tid),
            user_only=user_only,
        )
        for tid in process.callers
        for mine in [attribution.tid == tid]
    }
    if not callers:
        return []
    first = process.callers[0]
    workers: dict[tuple[int, ...], PoolWorkers] = {}
    anatomies = []
    for request in requests:
        tids = tuple(tid for pool in process.pools if pool.serves(request) for tid in pool.tids)
        if tids not in workers:
            workers[tids] = PoolWorkers(waits, attribution, tids)
        caller = callers[first if request.caller is None else request.caller]
        anatomies.append(_one(request, caller, workers[tids]))
    return anatomies


_PART_OF_KIND = np.array([PARTS.index(PART_OF_KIND[kind]) for kind in KINDS], np.uint8)


@dataclass(frozen=True, slots=True)
class _Caller:
    """The calling thread: its intervals off the CPU and its samples."""

    waits: ClassifiedWaits
    sample_ns: Column
    part: Column
    """Index into `PARTS` of each sample."""
    weight: Column
    in_request: Column
    occupancy: Occupancy
    user_only: bool

    def off_spans(self, request: Request) -> Iterator[tuple[int, int, Part, int]]:
        """Yield the times of a request off the CPU: begin, end, part, and the CPU that came next.

        Some are empty.
        """
        off, start_ns, end_ns = self.waits.off, request.start_ns, request.end_ns
        ready = off.ready_ns()
        first = int(np.searchsorted(off.end_ns, start_ns, side="right"))
        last = int(np.searchsorted(off.begin_ns, end_ns, side="left"))
        for row in range(first, last):
            cpu = int(off.cpu[row])
            begin, end = max(int(off.begin_ns[row]), start_ns), min(int(off.end_ns[row]), end_ns)
            if off.gap[row]:
                yield begin, end, Part.UNACCOUNTED, cpu
                continue
            since = min(max(int(ready[row]), begin), end)
            yield begin, since, PART_OF_WAIT[WAITS[self.waits.kind[row]]], cpu
            for stopped, go_on in self.waits.stretches.within(since, end):
                yield since, stopped, Part.RUNNABLE, cpu
                yield stopped, go_on, Part.THROTTLED, cpu
                since = go_on
            yield since, end, Part.RUNNABLE, cpu

    def rows(self, request: Request) -> Column:
        """Return which samples tell what a request's time on the CPU was for: its own, if there are any."""
        inside = (self.sample_ns >= request.start_ns) & (self.sample_ns <= request.end_ns)
        return inside if self.weight[inside].any() else self.in_request

    def split(self, rows: Column, on_cpu_ns: float) -> Column:
        """Split time on the CPU over `PARTS` as those samples' weight is."""
        sums = np.bincount(self.part[rows], weights=self.weight[rows], minlength=len(PARTS))
        if not sums.any() or (self.user_only and sums.sum() < on_cpu_ns):
            sums[PARTS.index(Part.OTHER)] += on_cpu_ns - sums.sum()
        return np.asarray(on_cpu_ns * sums / sums.sum()) if sums.any() else sums


def _one(request: Request, caller: _Caller, workers: PoolWorkers) -> RequestAnatomy:
    parts = dict.fromkeys(Part, 0.0)
    meanwhile = np.zeros(len(MEANWHILE))
    stretches = caller.waits.stretches.within(request.scheduled_ns, request.start_ns)
    parts[Part.THROTTLED] = float(sum(end - begin for begin, end in stretches))
    parts[Part.LATE] = request.start_ns - request.scheduled_ns - parts[Part.THROTTLED]
    on_cpu_ns = float(request.end_ns - request.start_ns)
    own_ns = 0
    for begin, end, part, cpu in caller.off_spans(request):
        parts[part] += end - begin
        on_cpu_ns -= end - begin
        if part is Part.BLOCKED and begin < end:
            meanwhile += _during(begin, end, workers)
        elif part is Part.RUNNABLE:
            own_ns += caller.occupancy.own_ns(cpu, begin, end)
    rows = caller.rows(request)
    for part, part_ns in zip(PARTS, caller.split(rows, on_cpu_ns).tolist(), strict=True):
        parts[part] += part_ns
    joins = rows & (caller.part == PARTS.index(Part.JOIN))
    if parts[Part.JOIN]:
        doing = workers.meanwhile(caller.sample_ns[joins])
        weights = np.bincount(doing, weights=caller.weight[joins], minlength=len(MEANWHILE))
        meanwhile += parts[Part.JOIN] * weights / weights.sum()
    samples = int(rows.sum()) if rows is not caller.in_request else 0
    return RequestAnatomy(
        request, parts, dict(zip(MEANWHILE, meanwhile.tolist(), strict=True)), float(own_ns), samples
    )


def _during(begin_ns: int, end_ns: int, workers: PoolWorkers) -> Column:
    """Return the nanoseconds of each `MEANWHILE` in a stretch, looked at every `STEP_NS` or closer."""
    count = (end_ns - begin_ns) // STEP_NS + 1
    step = (end_ns - begin_ns) / count
    instants = (begin_ns + step * (np.arange(count) + 0.5)).astype(np.int64)
    return np.bincount(workers.meanwhile(instants), minlength=len(MEANWHILE)) * step
