"""Pools of a process that nobody described, told apart by what can be observed of its threads.

Who is a worker: a thread that was seen in a loop that waits for work and dispatches it, other than those that
call `Run` and a process's first, which runtimes do not start. Which pool it is of:
ONNX Runtime creates a pool's threads in one go, so a pool is a stretch of the process's threads in the order
of their creation; it is cut where neighbours started at different times, surely work at different times
without waking each other, or differ in what they do (threads of an inter-op pool join, as callers do). Who
calls a pool: threads that run the runtime while its workers do, or wake them; where neither is seen, threads
of its process that call no other pool, and then any of them. What can't be placed is said to be so.

An inter-op pool is told from the intra-op pool beside it only where its threads were sampled in a join: they
wake the other pool's threads as these wake each other.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.pools.neighbours import chance_of_at_most, join_neighbours
from profiler.attribution.rules.chains import Activity, classify, unfold, waits_for_work
from profiler.run.kinds import Role
from profiler.run.processes import PoolRole
from profiler.trace.model import NONE, WAIT_EVENTS, WAKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.trace.model import Trace

STEP_NS = 5_000_000
"""Threads count as active together when they are in the same step."""
ALIKE = 0.3
"""Correlation of two threads' activity from which on they work for the same requests."""
CHANCE = 0.05
"""Of seeing threads that are `ALIKE` have so few steps in common: below it, they are not alike."""
AS_ALIKE = 0.6
"""Of the correlation of the caller that is most alike: below it, one only calls at the same times."""
ENOUGH_WAKES = 20
"""Wake-ups of a pool's workers by threads that run the runtime that say who calls it."""
LEAST_WAKES = 0.05
"""Share of them that a caller has; an interrupt's victim seems to wake, now and then."""
ENOUGH_STEPS = 5
"""Active steps that say something about when a thread works."""
SAME_START_TICKS = 3
"""Clock ticks (10 ms) within which one pool's threads are created."""
CROWDED_START_TICKS = 30
"""The same where their creator had to wait for a CPU in between: only threads that work as one are then."""
WORK = (Activity.TASK, Activity.RUNTIME, Activity.LONE_KERNEL, Activity.POLL_JOIN)
"""What a thread does while it serves a request."""


@dataclass(frozen=True, slots=True)
class ObservedPool:
    """Workers that belong together, with the threads that call them."""

    role: PoolRole
    tids: tuple[int, ...]
    callers: tuple[int, ...]
    """Threads that run the runtime while these work, or wake them; where none was seen to, those that may."""
    evidence: tuple[str, ...]
    """What tells it from its neighbours, as ends of "told apart by ..."."""


@dataclass(frozen=True, slots=True)
class ObservedPools:
    """All workers of a process."""

    pools: tuple[ObservedPool, ...]
    unplaced: tuple[int, ...]
    """Workers that could be of either neighbour's pool: nothing was seen of them but waiting."""
    callers: tuple[int, ...] = ()
    """Other threads that run the runtime, those included that have no pool to call."""


def observe_pools(
    trace: Trace,
    frames: Sequence[Frame],
    order: Sequence[int],
    started: Mapping[int, int],
    *,
    calling: Collection[int] = (),
    most: int | None = None,
) -> ObservedPools:
    """Tell pools apart.

    `frames` are the rules' view of `trace.frames`; `order` are the process's threads as they were created
    (the kernel lists them so), `started` their start times in clock ticks, as far as known. `calling` are
    threads of which somebody said that they call `Run`; `most` how many intra-op pools there can be, where
    that is known.
    """
    threads = _Threads(trace, frames, order, calling)
    cuts = [_cut(stretch, threads) for stretch in _stretches(order, started, threads)]
    neighbours = [parts for parts, _ in cuts]
    joined = (
        neighbours if most is None else join_neighbours(neighbours, most, threads.joins, threads.likeness)
    )
    unplaced = {tid for _, left in cuts for tid in left}
    pools: list[ObservedPool] = []
    for parts in joined:
        for part in parts:
            between = order[order.index(part[0]) : order.index(part[-1]) + 1]
            tids = [tid for tid in between if tid in part or tid in unplaced]
            unplaced.difference_update(tids)
            pools.append(_pool(tids, threads, alone=len(parts) == 1, counted=joined != neighbours))
    return ObservedPools(
        tuple(_with_supposed_callers(pools, threads.runs)),
        tuple(tid for tid in order if tid in unplaced),
        tuple(sorted(threads.runs)),
    )


def _with_supposed_callers(pools: Sequence[ObservedPool], runs: Collection[int]) -> list[ObservedPool]:
    """Give pools that nobody was seen to call the threads that may: they are the process's, so one does."""
    seen = {caller for pool in pools for caller in pool.callers}
    supposed = tuple(sorted(set(runs) - seen or runs))
    return [pool if pool.callers else dataclasses.replace(pool, callers=supposed) for pool in pools]


class _Threads:
    """What was seen of each thread."""

    def __init__(
        self, trace: Trace, frames: Sequence[Frame], order: Sequence[int], calling: Collection[int]
    ) -> None:
        known = set(order)
        samples, events = trace.samples, trace.wait_events
        times = [column for column in (samples.time_ns, events.time_ns) if column.size]
        self._origin = min((int(column.min()) for column in times), default=0)
        last = max((int(column.max()) for column in times), default=0)
        self._steps = (last - self._origin) // STEP_NS + 1
        self._active: dict[int, Column] = {}
        self.workers: set[int] = set()
        self.joins: set[int] = set()
        """Workers that were seen to join others from within a task."""
        self.runs: set[int] = set()
        """Other threads that run the runtime."""
        self._wakes: dict[int, Counter[int]] = {}
        views = {stack: _View.of(trace, frames, stack) for stack in set(samples.stack.tolist()) - {NONE}}
        waits = {stack: _View.of(trace, frames, stack) for stack in set(events.stack.tolist()) - {NONE}}
        self.workers = {
            tid
            for column, seen in ((samples, views), (events, waits))
            for tid, stack in zip(column.tid.tolist(), column.stack.tolist(), strict=True)
            if stack != NONE and tid in known and seen[stack].loops
        } - {*order[:1], *calling}
        for tid, stack, time_ns in zip(
            samples.tid.tolist(), samples.stack.tolist(), samples.time_ns.tolist(), strict=True
        ):
            if tid not in known or stack == NONE or not views[stack].works:
                continue
            self._mark(tid, time_ns)
            if tid not in self.workers:
                self.runs.add(tid)
            elif views[stack].loops > 1:
                self.joins.add(tid)
        wakes = events.event == WAIT_EVENTS.index(WAKING)
        for waker, woken, time_ns in zip(
            events.tid[wakes].tolist(), events.argument[wakes].tolist(), events.time_ns[wakes].tolist(),
            strict=True,
        ):  # fmt: skip
            if woken in self.workers and waker in known:
                self._mark(woken, time_ns)
                self._wakes.setdefault(woken, Counter())[waker] += 1

    def _mark(self, tid: int, time_ns: int) -> None:
        if tid not in self._active:
            self._active[tid] = np.zeros(self._steps, np.bool_)
        self._active[tid][(time_ns - self._origin) // STEP_NS] = True

    def main_waker(self, tid: int) -> int | None:
        """Return who woke a worker most often (an interrupt's victim seems to, now and then), if anybody."""
        return self._wakes[tid].most_common(1)[0][0] if tid in self._wakes else None

    def wakers_of(self, tids: Sequence[int]) -> set[int]:
        """Return who calls these workers by who wakes them; empty where that was seen too seldom to say."""
        counted: Counter[int] = Counter()
        for tid in tids:
            counted.update(
                {who: count for who, count in self._wakes.get(tid, {}).items() if who in self.runs}
            )
        if counted.total() < ENOUGH_WAKES:
            return set()
        return {who for who, count in counted.items() if count >= LEAST_WAKES * counted.total()}

    def main_callers(self, tids: Sequence[int]) -> set[int]:
        """Return those that woke one of these workers most often, of threads that run the runtime."""
        return {waker for tid in tids if (waker := self.main_waker(tid)) is not None and waker in self.runs}

    def busy_steps(self, tid: int) -> int:
        """Return in how many steps a thread worked or was woken."""
        return int(self._active[tid].sum()) if tid in self._active else 0

    def alike(self, left: int, right: int) -> float | None:
        """Return the correlation of two threads' activity; None where too little was seen of one."""
        if min(self.busy_steps(left), self.busy_steps(right)) < ENOUGH_STEPS:
            return None
        columns = self._active[left], self._active[right]
        if any(column.all() for column in columns):
            return None
        return float(np.corrcoef(*columns)[0, 1])

    def likeness(self, left: int, right: int) -> float:
        """Return the correlation of two threads' activity; that of strangers where too little was seen."""
        return self.alike(left, right) or 0.0

    def work_together(self, left: int, right: int) -> bool | None:
        """Whether two threads work for the same requests; None where too little was seen to deny it.

        So few steps may have none in common by chance. Of the steps of the one that was seen less, the other
        shares those that two strangers would, and where they are `ALIKE` so many more: what was seen must be
        less than `CHANCE` would have it then.
        """
        alike = self.alike(left, right)
        if alike is None:
            return None
        if alike >= ALIKE:
            return True
        few, many = sorted((self.busy_steps(left), self.busy_steps(right)))
        rare, often = few / self._steps, many / self._steps
        spread = math.sqrt(rare * (1 - rare) * often * (1 - often))
        # Where one works much more than the other their correlation is small, however they work.
        share = often + min(ALIKE * spread / rare, (1 - often) / 2)
        common = int((self._active[left] & self._active[right]).sum())
        return None if chance_of_at_most(common, few, share) > CHANCE else False


@dataclass(frozen=True, slots=True)
class _View:
    """What a call chain says without knowing whose it is."""

    works: bool
    loops: int
    """Loops in it that wait for work and dispatch it, or join inside one that does."""

    @classmethod
    def of(cls, trace: Trace, frames: Sequence[Frame], stack: int) -> _View:
        ids = trace.stacks.frames[trace.stacks.offsets[stack] : trace.stacks.offsets[stack + 1]].tolist()
        chain = unfold([frames[index] for index in ids])
        loops = [frame for frame in chain if frame.in_loop]
        dispatching = any(map(waits_for_work, loops))
        works = classify(chain, Role.OTHER).activity in WORK
        return cls(works, len(loops) if dispatching else 0)


def _stretches(order: Sequence[int], started: Mapping[int, int], threads: _Threads) -> Iterator[list[int]]:
    """Yield workers that follow each other in the order of creation and started at one time."""
    for is_worker, group in itertools.groupby(order, lambda tid: tid in threads.workers):
        if not is_worker:
            continue
        stretch: list[int] = []
        for tid in group:
            later = started.get(tid, 0) - started.get(stretch[-1], 0) if stretch else 0
            if later > SAME_START_TICKS and not (
                later <= CROWDED_START_TICKS and _work_as_one(stretch, tid, threads)
            ):
                yield stretch
                stretch = []
            stretch.append(tid)
        yield stretch


def _work_as_one(part: list[int], tid: int, threads: _Threads) -> bool:
    """Whether a worker hands work to others or gets it from them, or works when they do."""
    if tid in [threads.main_waker(member) for member in part] or threads.main_waker(tid) in part:
        return True
    return any((threads.alike(member, tid) or 0.0) >= ALIKE for member in part)


def _cut(stretch: list[int], threads: _Threads) -> tuple[list[list[int]], list[int]]:
    """Cut a stretch where neighbours differ; return its parts, and workers that could be of either side.

    Those that nothing was seen of are laid aside first: what follows a cut may begin with them.
    """
    told = [tid for tid in stretch if threads.busy_steps(tid) >= ENOUGH_STEPS]
    if not told:
        return [stretch], []
    parts = [[told[0]]]
    for tid in told[1:]:
        if _same(parts[-1], tid, threads):
            parts[-1].append(tid)
        else:
            parts.append([tid])
    places = {tid: place for place, tid in enumerate(stretch)}
    whole, left = [], [tid for tid in stretch if tid not in told]
    for number, part in enumerate(parts):
        first = 0 if number == 0 else places[part[0]]
        last = len(stretch) - 1 if number == len(parts) - 1 else places[part[-1]]
        members = stretch[first : last + 1]
        whole.append(members)
        left = [tid for tid in left if tid not in members]
    return whole, left


def _same(part: list[int], tid: int, threads: _Threads) -> bool:
    """Whether a worker belongs to the part before it: alike in what it does, and in when it works."""
    if any((member in threads.joins) != (tid in threads.joins) for member in part):
        return False
    wakers = [threads.main_waker(member) for member in part]
    waker = threads.main_waker(tid)
    if tid in wakers or waker in part:
        return True  # a worker hands work on to workers of its own pool
    callers, others = threads.wakers_of(part), threads.wakers_of([tid])
    if callers and others and not callers & others:
        return False
    together = [threads.work_together(member, tid) for member in part]
    if True in together:
        return True
    if None not in together:
        return False
    return waker is None or waker in wakers or not any(wakers)


def _pool(tids: list[int], threads: _Threads, *, alone: bool, counted: bool) -> ObservedPool:
    joins = any(tid in threads.joins for tid in tids)
    evidence = ["creation order"]
    evidence += [] if alone else ["what its threads do while others' work"]
    evidence += ["how many sessions were made"] if counted else []
    evidence += ["joins within tasks"] if joins else []
    evidence += ["who wakes whom"] if threads.main_callers(tids) else []
    return ObservedPool(
        role=PoolRole.INTER_OP if joins else PoolRole.INTRA_OP,
        tids=tuple(tids),
        callers=tuple(sorted(_callers(tids, threads))),
        evidence=tuple(evidence),
    )


def _callers(tids: list[int], threads: _Threads) -> set[int]:
    """Return who calls a pool: who wakes its workers, and where few are woken, who works when they do.

    Requests of another model that begin at the same instants are alike too, though less.
    """
    callers = threads.wakers_of(tids)
    if callers:
        return callers
    alike = {caller: max((threads.alike(caller, tid) or 0.0) for tid in tids) for caller in threads.runs}
    least = max(ALIKE, AS_ALIKE * max(alike.values(), default=0.0))
    return threads.main_callers(tids) | {
        caller for caller, likenesses in alike.items() if likenesses >= least
    }
