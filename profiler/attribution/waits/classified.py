"""Every interval off the CPU gets a kind; its time is split by thread role and requests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.cpu.attribute import in_flight
from profiler.attribution.cpu.hot_functions import FunctionPaths
from profiler.attribution.distinct import distinct_by_stack
from profiler.attribution.requests.served import served_rows
from profiler.attribution.requests.spans import Spans, flight_spans
from profiler.attribution.roles import roles_of
from profiler.attribution.rules.alike import alike_chains
from profiler.attribution.rules.chains import unfold
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import EVIDENCES, ROLES, WAITS, Evidence, Role, Wait
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.attribution.waits.off_cpu import OffCpu
    from profiler.run.processes import Process
    from profiler.run.request import Request
    from profiler.trace.model import Trace


FUTEX_NAMES = Name.FUTEX_KERNEL | Name.WAIT | Name.PYTHON_LOCK


@dataclass(frozen=True, slots=True)
class ClassifiedWaits:
    """Intervals off the CPU with their kinds; columns as long as `off`'s."""

    off: OffCpu
    kind: Column
    """Index into `WAITS`: of the interval until the thread was ready; then it is runnable."""
    evidence: Column
    """Index into `EVIDENCES`: the kernel's call, a name in the chain, or the thread's role alone (window)."""
    role: Column
    """Index into `ROLES`."""
    in_request: Column
    """Whether a request was in flight when the interval began."""
    stretches: Spans
    """When the process stood still for want of quota: what was ready to run then was throttled."""
    process: Process

    def of(self, tid: int) -> ClassifiedWaits:
        """Return the rows of one thread."""
        rows = self.off.tid == tid
        return ClassifiedWaits(
            self.off.where(rows),
            self.kind[rows],
            self.evidence[rows],
            self.role[rows],
            self.in_request[rows],
            self.stretches,
            self.process,
        )

    def parts(self, requests: Sequence[Request]) -> Iterator[tuple[Column, Column, Column]]:
        """Yield (kind, nanoseconds within requests, nanoseconds outside) of each row, in three parts.

        First of what it waited for, then of what it spent ready to run: throttled, then without a CPU. Gaps
        count as nothing. Requests are those that concern the row's thread (`served_rows`).
        """
        off, ready = self.off, self.off.ready_ns()
        flights = [
            (mine, flight_spans(its))
            for mine, its in served_rows(off.tid, self.process, requests)
            if mine.any()
        ]

        def inside(spans: Callable[[Spans], Spans], begin_ns: Column, end_ns: Column) -> Column:
            overlap = np.zeros(begin_ns.shape, np.int64)
            for mine, flight in flights:
                overlap[mine] = spans(flight).overlap_ns(begin_ns[mine], end_ns[mine])
            return overlap

        def part(kind: Column, within: Column, whole: Column) -> tuple[Column, Column, Column]:
            return kind, np.where(off.gap, 0, within), np.where(off.gap, 0, whole - within)

        def all_of(kind: Wait) -> Column:
            return np.full(self.kind.shape, WAITS.index(kind), np.uint8)

        waited = inside(lambda flight: flight, off.begin_ns, ready)
        yield part(self.kind, waited, ready - off.begin_ns)
        stopped = self.stretches.overlap_ns(ready, off.end_ns)
        stopped_inside = inside(self.stretches.common, ready, off.end_ns)
        yield part(all_of(Wait.THROTTLED), stopped_inside, stopped)
        ready_inside = inside(lambda flight: flight, ready, off.end_ns)
        left, left_inside = off.end_ns - ready - stopped, ready_inside - stopped_inside
        yield part(all_of(Wait.RUNNABLE), left_inside, left)

    def spans(self) -> dict[Wait, Spans]:
        """Return when a thread waited for what, if the rows are a single one's. Gaps count as nothing."""
        off, kind = self.off.where(~self.off.gap), self.kind[~self.off.gap]
        begin_ns, ready_ns = off.begin_ns, off.ready_ns()
        waited = {wait: kind == WAITS.index(wait) for wait in (Wait.FUTEX, Wait.SLEEP, Wait.IO)}
        queued = Spans(ready_ns, off.end_ns)
        return {
            **{wait: Spans(begin_ns[rows], ready_ns[rows]) for wait, rows in waited.items()},
            Wait.RUNNABLE: queued.without(self.stretches),
            Wait.THROTTLED: queued.common(self.stretches),
        }


@dataclass(frozen=True, slots=True)
class WaitChain:
    """Time off the CPU of one call chain by functions, for one kind, role and side of the request window."""

    functions: tuple[int, ...]
    """Indices into the function table, the thread's start first."""
    kind: Wait
    role: Role
    in_request: bool
    count: int
    """Intervals that began on this side."""
    wait_ns: float


@dataclass(frozen=True, slots=True)
class WaitChains:
    """Distinct functions and the chains over them, the longest first: an off-CPU flame graph's data."""

    names: list[tuple[str, str]]
    """(function, library) by index."""
    chains: list[WaitChain]


def classify_waits(
    trace: Trace,
    frames: Sequence[Frame],
    off: OffCpu,
    process: Process,
    requests: Sequence[Request],
    *,
    stretches: Iterable[tuple[int, int]] = (),
) -> ClassifiedWaits:
    """Give each interval its kind; `frames` are the rules' view of `trace.frames`.

    `stretches`: when the process stood still for want of quota (`profiler.attribution.waits.standstill`).

    Without a chain the role decides: a pool's thread blocks on futexes only, the calling thread does while a
    request is in flight, and sleeps between requests.
    """
    role = roles_of(off.tid, process)
    in_request = in_flight(off.begin_ns, off.tid, process, requests)
    pool, calling = ROLES.index(Role.POOL), ROLES.index(Role.CALLING)
    supposed = np.where(
        (role == pool) | ((role == calling) & in_request), WAITS.index(Wait.FUTEX), WAITS.index(Wait.SLEEP)
    )
    kind = supposed.astype(np.uint8)
    evidence = np.full(kind.shape, EVIDENCES.index(Evidence.WINDOW), np.uint8)
    told = off.stack != NONE
    if told.any():
        alike = alike_chains(trace.stacks, frames)
        waits = [wait_of(chain) for chain in alike.chains]
        chain = alike.index[off.stack[told]]
        kind[told] = np.array([WAITS.index(wait) for wait, _ in waits], np.uint8)[chain]
        evidence[told] = np.array([EVIDENCES.index(rests_on) for _, rests_on in waits], np.uint8)[chain]
    kind[off.preempted] = WAITS.index(Wait.RUNNABLE)
    evidence[off.preempted] = EVIDENCES.index(Evidence.SYSCALL)
    return ClassifiedWaits(off, kind, evidence, role, in_request, Spans.of(stretches), process)


def wait_of(chain: Sequence[Frame]) -> tuple[Wait, Evidence]:
    """Return what a thread with this chain (leaf first) waits for, if it was not preempted."""
    chain = unfold(chain)
    kernel = [frame for frame in chain if frame.owner is Owner.KERNEL]
    if any(frame.name & Name.IO_KERNEL for frame in kernel):
        return Wait.IO, Evidence.SYSCALL
    if any(frame.name & Name.FUTEX_KERNEL for frame in kernel):
        return Wait.FUTEX, Evidence.SYSCALL
    named = any(frame.named for frame in kernel)
    if not named and any(frame.name & FUTEX_NAMES for frame in chain):
        return Wait.FUTEX, Evidence.SYMBOL
    return Wait.SLEEP, Evidence.SYSCALL if named else Evidence.NONE


def wait_chains(
    trace: Trace, waits: ClassifiedWaits, requests: Sequence[Request], frame_names: Sequence[tuple[str, str]]
) -> WaitChains:
    """Merge intervals whose chains are alike by function."""
    table = FunctionPaths(trace.stacks, frame_names)
    time: defaultdict[tuple[Any, ...], float] = defaultdict(float)
    count: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for kinds, busy, idle in waits.parts(requests):
        for in_request, spent in ((True, busy), (False, idle)):
            for stack, kind, role, wait_ns, began in _distinct(waits, kinds, spent, in_request=in_request):
                key = (table.path(stack), kind, role, in_request)
                time[key] += wait_ns
                count[key] += began
    chains = [
        WaitChain(path, WAITS[kind], ROLES[role], in_request, count[path, kind, role, in_request], wait_ns)
        for (path, kind, role, in_request), wait_ns in time.items()
    ]
    return WaitChains(table.names(), sorted(chains, key=lambda chain: -chain.wait_ns))


def _distinct(
    waits: ClassifiedWaits, kinds: Column, spent_ns: Column, *, in_request: bool
) -> Iterator[tuple[int, int, int, float, int]]:
    """Yield each (stack, kind, role) that spent time, with the time, and how many began on this side."""
    rows = np.flatnonzero(spent_ns)
    verdict = kinds[rows].astype(np.int64) * len(ROLES) + waits.role[rows]
    stacks, verdicts, index = distinct_by_stack(waits.off.stack[rows], verdict, len(WAITS) * len(ROLES))
    time = np.bincount(index, weights=spent_ns[rows], minlength=stacks.size)
    began = np.bincount(index[waits.in_request[rows] == in_request], minlength=stacks.size)
    for stack, its, time_ns, count in zip(
        stacks.tolist(), verdicts.tolist(), time.tolist(), began.tolist(), strict=True
    ):
        yield stack, *divmod(its, len(ROLES)), time_ns, count
