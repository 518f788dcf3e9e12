"""Pools of a process of which leaf addresses alone were recorded: by creation order, and by who polls.

A worker is a thread that was seen in a loop that waits for work and hands it out, or one that was created
beside such a thread and ran nothing but the runtime. Where no thread was seen in its loop, because all block
at once, threads that were created together and ran the runtime alone are workers. A thread that was seen in a
loop that hands out nothing, and never in a worker's, waits for workers: it calls them. A pause alone may be
either's. Who wakes whom, which tells pools apart that were created in one go, is not recorded.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.pools.observed import (
    CROWDED_START_TICKS,
    SAME_START_TICKS,
    ObservedPool,
    ObservedPools,
)
from profiler.attribution.pools.settings import AT_ONCE_NS, ENOUGH_BLOCKS
from profiler.attribution.rules.chains import unfold, waits_for_work
from profiler.attribution.rules.leaves import is_shared
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.run.processes import PoolRole
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from profiler.attribution.rules.chains import Frame

ENOUGH_SAMPLES = 20
"""Of a thread, to say that it does something, or never does."""
SURELY_LOOPS = 5
"""Samples in its loop that say the same of a thread that is not known to block at once."""
POLLS = 0.15
"""Share of a thread's samples in its loop from which on it polls; without spinning it is 1 %."""


@dataclass(slots=True)
class LeafCounts:
    """How many samples of a thread lay where; those in functions that loops share with others say nothing."""

    loop: int = 0
    """In a loop that waits for work and hands it out: a worker's."""
    join: int = 0
    """In one that hands out nothing: a caller's, which waits for workers to finish."""
    pause: int = 0
    """In a pause that both kinds of loops call."""
    runtime: int = 0
    foreign: int = 0
    """In the interpreter, or in a program's own code."""
    blocks: int = 0
    """How often it left the CPU by itself, by the kernel's count; likewise `cpu_ns`."""
    cpu_ns: int = 0

    def add(self, other: LeafCounts) -> None:
        """Take in more samples of the thread."""
        self.loop += other.loop
        self.join += other.join
        self.pause += other.pause
        self.runtime += other.runtime
        self.foreign += other.foreign
        self.blocks += other.blocks
        self.cpu_ns += other.cpu_ns

    @property
    def told(self) -> int:
        """All that say something."""
        return self.polling + self.join + self.runtime + self.foreign

    @property
    def polling(self) -> int:
        """What a worker's wait for work has."""
        return self.loop + self.pause

    @property
    def calls(self) -> bool:
        """Whether the thread waits for workers, which no worker of a pool does that never waits for work."""
        return bool(self.join and not self.loop)

    @property
    def runs(self) -> bool:
        """Whether the thread was seen in the runtime, at work or waiting for workers."""
        return bool(self.runtime or self.join)

    @property
    def ran(self) -> bool:
        """Whether the thread did anything."""
        return bool(self.told or self.blocks or self.cpu_ns)

    @property
    def polls(self) -> bool | None:
        """Whether the thread polls; None where too little is known.

        One that blocked often, after less CPU time than polling takes, does not, however seldom it was seen.
        """
        if self.told >= ENOUGH_SAMPLES:
            return self.polling >= POLLS * self.told
        if self.blocks >= ENOUGH_BLOCKS and self.cpu_ns < self.blocks * AT_ONCE_NS:
            return False
        return True if self.polling >= SURELY_LOOPS and self.polling >= POLLS * self.told else None


def count_leaves(samples: Iterable[tuple[int, int]], frames: Sequence[Frame]) -> dict[int, LeafCounts]:
    """Count each thread's samples; `samples` are of a thread and an index into `frames`, or NONE."""
    counts: dict[int, LeafCounts] = {}
    for (tid, index), times in Counter(samples).items():
        mine = counts.setdefault(tid, LeafCounts())
        if index == NONE:
            continue
        levels = unfold([frames[index]])
        leaf = levels[0]
        if is_shared(leaf):
            continue
        if leaf.owner in (Owner.INTERPRETER, Owner.ELSEWHERE):
            mine.foreign += times
        elif leaf.owner is Owner.RUNTIME:
            loop = next((level for level in levels if level.in_loop), None)
            if loop is not None and waits_for_work(loop):
                mine.loop += times
            elif loop is not None:
                mine.join += times
            elif leaf.wraps or leaf.name & Name.PAUSE:
                mine.pause += times
            else:
                mine.runtime += times
    return counts


def pools_by_creation(
    order: Sequence[int],
    started: Mapping[int, int],
    counts: Mapping[int, LeafCounts],
    calling: Collection[int] = (),
) -> ObservedPools:
    """Tell the pools of a process apart, whose threads are `order` as they were created.

    `started` are their start times in clock ticks, as far as known. `calling` are threads of which somebody
    said that they call `Run`.
    """
    pools: list[ObservedPool] = []
    unplaced: list[int] = []
    workers: set[int] = set()
    for stretch in _stretches(order, started, counts, calling):
        if not _is_pool(stretch, counts):
            continue
        for whole in _parts(stretch, counts):
            part, still = _without_still(whole, counts)
            unplaced += still
            told = any(counts[tid].polls is not None for tid in part if tid in counts)
            if not told and len(stretch) > len(part):
                unplaced += part
                continue
            evidence = ["creation order"]
            evidence += ["seen in a loop that waits for work"] if _seen_in_loop(part, counts) else []
            evidence += ["run the runtime alone"] if not _seen_in_loop(part, counts) else []
            pools.append(ObservedPool(PoolRole.INTRA_OP, tuple(part), (), tuple(evidence)))
            workers.update(part)
    callers = [tid for tid in order if tid in counts and counts[tid].runs and tid not in workers]
    if len(pools) == 1 and callers:
        pools = [ObservedPool(pools[0].role, pools[0].tids, tuple(sorted(callers)), pools[0].evidence)]
    return ObservedPools(tuple(pools), tuple(unplaced), tuple(sorted(callers)))


def _stretches(
    order: Sequence[int],
    started: Mapping[int, int],
    counts: Mapping[int, LeafCounts],
    calling: Collection[int],
) -> list[list[int]]:
    """Return threads that were created in one go, without those that run other code or call `Run`.

    The first thread of a process is no pool's. Where their creator had to wait for a CPU in between, threads
    whose ids follow each other belong together.
    """
    stretches: list[list[int]] = [[]]
    for tid in order[1:]:
        if tid in calling or (tid in counts and (counts[tid].foreign or counts[tid].calls)):
            stretches.append([])
            continue
        before = stretches[-1][-1] if stretches[-1] else None
        if before is not None and before in started and tid in started:
            most = CROWDED_START_TICKS if tid == before + 1 else SAME_START_TICKS
            if started[tid] - started[before] > most:
                stretches.append([])
        stretches[-1].append(tid)
    return [stretch for stretch in stretches if stretch]


def _is_pool(stretch: Sequence[int], counts: Mapping[int, LeafCounts]) -> bool:
    """Whether threads that were created together are workers: one was seen in its loop, or two compute."""
    computing = [tid for tid in stretch if tid in counts and counts[tid].runtime >= ENOUGH_SAMPLES]
    return _seen_in_loop(stretch, counts) or len(computing) > 1


def _seen_in_loop(tids: Sequence[int], counts: Mapping[int, LeafCounts]) -> bool:
    return any(tid in counts and counts[tid].loop for tid in tids)


def _without_still(part: Sequence[int], counts: Mapping[int, LeafCounts]) -> tuple[list[int], list[int]]:
    """Return a part of a stretch, and those before it that did nothing while others of it polled.

    Whose these are nobody can tell: ONNX Runtime starts threads of its own just before the first pool.
    """
    first = next((at for at, tid in enumerate(part) if tid in counts and counts[tid].ran), 0)
    polled = any(counts[tid].polls for tid in part if tid in counts)
    return (list(part[first:]), list(part[:first])) if polled else (list(part), [])


def _parts(stretch: Sequence[int], counts: Mapping[int, LeafCounts]) -> list[list[int]]:
    """Cut a stretch where threads that poll follow threads that do not, or the other way round.

    Those of which too little was seen stay with their neighbours, and between unlike ones by themselves.
    """
    known = [(place, counts[tid].polls) for place, tid in enumerate(stretch) if tid in counts]
    told = [(place, polls) for place, polls in known if polls is not None]
    parts: list[list[int]] = []
    begin = 0
    for (left, polled), (right, polls) in itertools.pairwise(told):
        if polled != polls:
            parts.append(list(stretch[begin : left + 1]))
            if right - left > 1:
                parts.append(list(stretch[left + 1 : right]))
            begin = right
    return [*parts, list(stretch[begin:])]
