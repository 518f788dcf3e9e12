"""Which of several pools served a request, by what their workers did meanwhile. Pure.

A thread that calls several sessions (a server's, that answers for two models) does not say which one a
request was for. The pool's workers do: they were woken by it, or ran tasks. Where no pool's did, nobody can
tell.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler.attribution.rules.chains import Activity, classify
from profiler.run.kinds import Role
from profiler.trace.model import WAIT_EVENTS, WAKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.run.processes import Pool
    from profiler.run.request import Request
    from profiler.trace.model import Trace

WORK = (Activity.TASK, Activity.RUNTIME, Activity.LONE_KERNEL)
"""What a worker does that does not wait for work."""


def with_serving_pools(
    requests: Iterable[Request], pools: Sequence[Pool], trace: Trace, frames: Sequence[Frame]
) -> list[Request]:
    """Name the pool of each request whose caller calls several.

    `frames` are the rules' view of `trace.frames`.
    """
    working = working_stacks(trace, frames)
    seen = {pool.id: _instants(pool, trace, working) for pool in pools}
    return [_told(request, [pool for pool in pools if pool.serves(request)], seen) for request in requests]


def _told(request: Request, pools: Sequence[Pool], seen: dict[str, Column]) -> Request:
    if len(pools) <= 1:
        return request
    counts = [_between(seen[pool.id], request) for pool in pools]
    if counts.count(max(counts)) > 1:
        return request
    return msgspec.structs.replace(request, pool=pools[counts.index(max(counts))].id)


def _between(instants: Column, request: Request) -> int:
    first, last = np.searchsorted(instants, (request.start_ns, request.end_ns))
    return int(last - first)


def working_stacks(trace: Trace, frames: Sequence[Frame]) -> Column:
    """Say of each stack whether a worker with it runs a task; one more row, for what has none."""
    offsets, flat = trace.stacks.offsets.tolist(), trace.stacks.frames.tolist()
    works = [
        classify([frames[index] for index in flat[first:last]], Role.POOL).activity in WORK
        for first, last in itertools.pairwise(offsets)
    ]
    return np.array([*works, False], np.bool_)


def _instants(pool: Pool, trace: Trace, working: Column) -> Column:
    """Return when a pool's workers were seen to work, or were woken by those that call it."""
    samples, events = trace.samples, trace.wait_events
    mine = np.isin(samples.tid, pool.tids) & working[samples.stack]
    woken = (events.event == WAIT_EVENTS.index(WAKING)) & np.isin(events.argument, pool.tids)
    woken &= np.isin(events.tid, pool.callers)
    return np.sort(np.concatenate([samples.time_ns[mine], events.time_ns[woken]]))
