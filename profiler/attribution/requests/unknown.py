"""Whose requests nobody knows, though it worked: figures a request would count its work as others'. Pure.

A thread that never waits for work (it is behind, on a crowded machine) shows no requests, and neither does
one that was not seen to call; the pool that it calls works all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import KINDS, Category

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.requests.known import KnownRequests

ENOUGH_SAMPLES = 5
"""Of a pool at work, that no request accounts for; fewer may be what the recording cut off."""
WORKS = tuple(KINDS.index(kind) for kind in KINDS if kind.category is Category.EFFECTIVE)


def without_requests(known: KnownRequests, attribution: Attribution) -> list[str]:
    """Return pools, by their ids, and calling threads without one, that worked for requests nobody knows.

    Empty where no request is known at all, so that there are no figures a request.
    """
    manifest, requests = known.recorded.manifest, known.recorded.requests_of("profile")
    if manifest.attached is None or not requests:
        return []
    told = [*requests, *known.cut]
    works = np.isin(attribution.kind, WORKS)

    def worked(*tids: int) -> bool:
        return int((works & np.isin(attribution.tid, tids)).sum()) >= ENOUGH_SAMPLES

    silent = [tid for tid in known.untold if worked(tid)]
    pools = [
        pool
        for pool in manifest.threads.pools
        if not {*silent}.isdisjoint(pool.callers)
        or (worked(*pool.tids) and not any(pool.serves(request) for request in told))
    ]
    calling = {caller for pool in pools for caller in pool.callers}
    return [pool.id for pool in pools] + [f"thread {tid}" for tid in silent if tid not in calling]
