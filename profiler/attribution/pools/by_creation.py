"""Pools of a process of which leaf addresses alone were recorded: by creation order, and by who polls.

A worker is a thread that was seen in a loop that waits for work and hands it out, or one that was created
beside such a thread and ran nothing but the runtime. Where no thread was seen in its loop, because all block
at once, threads that were created together and ran the runtime alone are workers. A thread that was seen in a
loop that hands out nothing, and never in a worker's, waits for workers: it calls them. A pause alone may be
either's. Who wakes whom, which tells pools apart that were created in one go, is not recorded.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from profiler.attribution.pools.leaf_counts import ENOUGH_SAMPLES
from profiler.attribution.pools.observed import (
    CROWDED_START_TICKS,
    SAME_START_TICKS,
    ObservedPool,
    ObservedPools,
)
from profiler.run.processes import PoolRole

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from profiler.attribution.pools.leaf_counts import LeafCounts


LEAST_LIKELY = 0.01
"""Probability that a thread is of a pool that polls and was seen polling so seldom."""


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
        unlike = _calling(stretch, counts)
        for whole in _parts([tid for tid in stretch if tid not in unlike], counts):
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


def _calling(stretch: Sequence[int], counts: Mapping[int, LeafCounts]) -> set[int]:
    """Return threads that work at length, while those that were created with them poll: they call these.

    Workers of one pool poll alike, and those of one that does not block at once.
    """
    known = {tid: counts[tid] for tid in stretch if tid in counts}
    polling = [mine for mine in known.values() if mine.polls]
    if not polling:
        return set()
    told = sum(mine.told for mine in polling)
    working = (told - sum(mine.polling for mine in polling) + 1) / (told + 2)
    return {
        tid
        for tid, mine in known.items()
        if mine.works_at_length
        and math.comb(mine.told, mine.pause) * working ** (mine.told - mine.pause) < LEAST_LIKELY
    }


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
