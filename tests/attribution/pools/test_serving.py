from __future__ import annotations

import msgspec

from profiler.attribution.pools.serving import with_serving_pools
from profiler.run.processes import Pool, PoolRole
from profiler.run.request import Request, RequestSource
from profiler.trace.model import NONE, WAKING
from tests.attribution.made_trace import COMPUTES, FRAMES, LONE, MS, POLLS
from tests.attribution.scheduling import scheduled

CALLER, OTHER = 1, 2
POOLS = [
    Pool("eager", PoolRole.INTRA_OP, [10, 11], [CALLER]),
    Pool("thrifty", PoolRole.INTRA_OP, [20, 21], [CALLER, OTHER]),
]


def served(
    *spans: tuple[int, int],
    caller: int = CALLER,
    samples: tuple[tuple[int, int, int], ...] = (),
    wakes: tuple[tuple[int, int, int], ...] = (),
) -> list[str | None]:
    requests = [
        Request("profile", a * MS, a * MS, b * MS, None, caller=caller, source=RequestSource.INFERRED)
        for a, b in spans
    ]
    trace = scheduled([], [(ms, waker, WAKING, woken, NONE) for ms, waker, woken in wakes], sorted(samples))
    return [request.pool for request in with_serving_pools(requests, POOLS, trace, FRAMES)]


def test_the_pool_whose_workers_ran_tasks_served() -> None:
    samples = ((12, 10, LONE), (13, 20, POLLS), (14, 21, POLLS), (32, 21, COMPUTES), (33, 10, POLLS))
    assert served((10, 20), (30, 40), samples=samples) == ["eager", "thrifty"]


def test_the_pool_whose_workers_the_caller_woke_served() -> None:
    assert served((10, 20), (30, 40), wakes=((12, CALLER, 21), (32, 99, 21))) == ["thrifty", None]


def test_who_calls_one_pool_needs_no_evidence() -> None:
    (request,) = served((10, 20), caller=OTHER)
    assert request is None
    mine = Request("profile", 0, 0, 1, None, caller=OTHER, source=RequestSource.INFERRED)
    assert [pool.serves(mine) for pool in POOLS] == [False, True]


def test_where_both_worked_alike_nobody_can_tell() -> None:
    assert served((10, 20), samples=((12, 10, LONE), (14, 20, LONE))) == [None]


def test_a_named_pool_alone_serves_unless_it_is_our_workload_that_names_the_first() -> None:
    seen = Request("profile", 0, 0, 1, None, caller=CALLER, pool="eager", source=RequestSource.MARKS)
    told = Request("profile", 0, 0, 1, None, caller=CALLER, pool="eager")
    assert [pool.serves(seen) for pool in POOLS] == [True, False]
    assert [pool.serves(told) for pool in POOLS] == [True, True]


def test_an_observed_pool_that_nobody_calls_serves_no_thread_s_requests() -> None:
    """It is of another process, which did nothing: a request that nobody was seen to make may be its."""
    observed = Pool("pool X", PoolRole.INTRA_OP, [77], evidence=["creation order"])
    mine = Request("profile", 0, 0, 1, None, caller=CALLER)
    assert not observed.serves(mine)
    assert observed.serves(msgspec.structs.replace(mine, caller=None))
