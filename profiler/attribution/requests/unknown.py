"""Whose requests nobody knows, though it worked: figures a request would count its work as others'. Pure.

A thread that never waits for work (it is behind, on a crowded machine) shows no requests, and neither does
one that was not seen to call; the pool that it calls works all the same, while nothing is in flight for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.pools.serving import working_stacks
from profiler.run.kinds import KINDS, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.requests.known import KnownRequests
    from profiler.attribution.rules.chains import Frame
    from profiler.trace.model import Trace

ENOUGH_SAMPLES = 5
"""Of a pool at work, that no request accounts for; fewer may be what the recording cut off."""
MOSTLY = 0.5
"""Of a pool's work, outside all requests that it serves."""
WORKS = tuple(KINDS.index(kind) for kind in KINDS if kind.category is Category.EFFECTIVE)


def without_requests(
    known: KnownRequests, attribution: Attribution, trace: Trace, frames: Sequence[Frame]
) -> list[str]:
    """Return pools, by their ids, and calling threads without one, that worked for requests nobody knows.

    Empty where no request is known at all, so that there are no figures a request. `frames` are the rules'
    view of `trace.frames`.
    """
    manifest = known.recorded.manifest
    if manifest.attached is None or not known.recorded.requests_of("profile"):
        return []
    if manifest.perf is not None and manifest.perf.light:
        works = np.isin(attribution.kind, WORKS)
    else:  # whatever a kind says: outside requests, lone frames of the runtime have none
        works = working_stacks(trace, frames)[attribution.stack]

    def unexplained(*tids: int) -> bool:
        mine = works & np.isin(attribution.tid, tids)
        outside = int((mine & ~attribution.in_request).sum())
        return outside >= max(ENOUGH_SAMPLES, MOSTLY * int(mine.sum()))

    silent = [tid for tid in known.untold if unexplained(tid)]
    pools = [
        pool
        for pool in manifest.threads.pools
        if unexplained(*pool.tids) or not {*silent}.isdisjoint(pool.callers)
    ]
    calling = {caller for pool in pools for caller in pool.callers}
    return [pool.id for pool in pools] + [f"thread {tid}" for tid in silent if tid not in calling]
