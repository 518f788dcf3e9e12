"""Pools by creation order: threads that poll, threads that run the runtime alone, and the rest."""

from __future__ import annotations

from profiler.attribution.pools.by_creation import pools_by_creation
from profiler.attribution.pools.leaf_counts import LeafCounts, count_leaves
from profiler.attribution.rules.owners import Owner
from profiler.symbols.polling import LoopPlace
from profiler.trace.model import NONE
from tests.attribution.made_frames import HELPER, PAUSE, PLAIN, PYTHON, frame, join, kernel, worker

SHARED = frame(helper=True, shared=True)
EVENT_LOOP = frame(Owner.ELSEWHERE, place=LoopPlace.POLLING, polls=True, dispatches=True)
FRAMES = [worker(), PLAIN, PYTHON, kernel("futex_wait"), PAUSE, HELPER, SHARED, join(), EVENT_LOOP]
LOOP, RUNS, PYTHONS, KERNEL, PAUSES, HELPS, SHARES, JOINS, EVENTS = range(len(FRAMES))
POLLS, WORKS, FOREIGN = LeafCounts(loop=50), LeafCounts(runtime=50), LeafCounts(foreign=9, runtime=40)
MAIN, CALLER = 1, 90
AT_ONCE = dict.fromkeys(range(1, 100), 7)


def told(
    order: list[int], counts: dict[int, LeafCounts], started: dict[int, int] = AT_ONCE
) -> list[tuple[int, ...]]:
    return [pool.tids for pool in pools_by_creation(order, started, counts).pools]


def test_leaves_are_counted_thread_by_thread() -> None:
    samples = [
        (1, LOOP),
        (1, PAUSES),
        (1, KERNEL),
        (1, SHARES),
        (2, RUNS),
        (2, PYTHONS),
        (2, HELPS),
        (3, NONE),
        (4, JOINS),
        (4, EVENTS),
    ]
    counts = count_leaves(samples, FRAMES)
    assert counts[1] == LeafCounts(loop=1, pause=1)
    assert counts[2] == LeafCounts(runtime=2, foreign=1)
    assert counts[3] == LeafCounts()
    assert counts[4] == LeafCounts(join=1, foreign=1), "a program's own loop is no pool's of the runtime"


def test_threads_that_poll_and_those_created_with_them() -> None:
    order = [MAIN, 11, 12, 13, CALLER]
    counts = {MAIN: FOREIGN, 11: POLLS, 12: LeafCounts(), CALLER: FOREIGN}
    found = pools_by_creation(order, AT_ONCE, counts)
    assert [pool.tids for pool in found.pools] == [(11, 12, 13)]
    assert found.pools[0].callers == (MAIN, CALLER)
    assert "seen in a loop that waits for work" in found.pools[0].evidence


def test_what_began_just_before_those_that_poll_and_did_nothing_is_placed_nowhere() -> None:
    order = [MAIN, 9, 10, 11, 12, 13]
    pools = pools_by_creation(order, AT_ONCE, {MAIN: FOREIGN, 9: LeafCounts(), 11: POLLS, 12: POLLS})
    assert [pool.tids for pool in pools.pools] == [(11, 12, 13)]
    assert pools.unplaced == (9, 10)


def test_threads_that_block_at_once_are_told_by_running_the_runtime_alone() -> None:
    order = [MAIN, 11, 12, CALLER]
    assert told(order, {11: WORKS, 12: WORKS, CALLER: FOREIGN}) == [(11, 12)]


def test_one_thread_that_runs_the_runtime_may_be_a_caller() -> None:
    assert told([MAIN, 11, CALLER], {11: WORKS, CALLER: FOREIGN}) == []


def test_the_first_thread_is_no_worker() -> None:
    assert told([MAIN, 11, 12], {MAIN: WORKS, 11: WORKS, 12: WORKS}) == [(11, 12)]


def test_a_pool_that_polls_beside_one_that_does_not() -> None:
    order = [MAIN, 11, 12, 21, 22]
    found = pools_by_creation(order, AT_ONCE, {11: POLLS, 12: POLLS, 21: WORKS, 22: WORKS, MAIN: FOREIGN})
    assert [pool.tids for pool in found.pools] == [(11, 12), (21, 22)]
    assert [pool.callers for pool in found.pools] == [(), ()]
    assert found.callers == (MAIN,)


def test_a_thread_between_unlike_pools_is_placed_nowhere() -> None:
    order = [MAIN, 11, 12, 21]
    found = pools_by_creation(order, AT_ONCE, {11: POLLS, 12: LeafCounts(), 21: WORKS})
    assert [pool.tids for pool in found.pools] == [(11,), (21,)]
    assert found.unplaced == (12,)


def test_threads_that_began_at_other_times_are_other_pools() -> None:
    order = [MAIN, 11, 12, 21, 22]
    started = {MAIN: 1, 11: 7, 12: 7, 21: 50, 22: 51}
    assert told(order, {11: POLLS, 21: POLLS}, started) == [(11, 12), (21, 22)]


def test_threads_with_ids_in_a_row_may_have_begun_apart_on_a_crowded_machine() -> None:
    order = [MAIN, 11, 12, 14]
    started = {MAIN: 1, 11: 7, 12: 20, 14: 33}
    assert told(order, {11: POLLS, 14: POLLS}, started) == [(11, 12), (14,)]


def test_a_thread_that_blocks_at_once_is_told_by_its_counters() -> None:
    blocks = LeafCounts(runtime=2, blocks=100, cpu_ns=20_000_000)
    spins = LeafCounts(loop=6, blocks=10, cpu_ns=900_000_000)
    assert (blocks.polls, spins.polls, LeafCounts(loop=4).polls) == (False, True, None)
    assert told([MAIN, 11, 12, 21, 22], {11: spins, 12: spins, 21: blocks, 22: blocks}) == [
        (11, 12),
        (21, 22),
    ]


def test_a_thread_that_waits_for_workers_calls_them() -> None:
    """Seen: one sample of a join made a pool of the thread that called `Run`."""
    calls = LeafCounts(join=1, pause=4, runtime=12)
    order, started = [MAIN, 11, 12, 21, 31], {MAIN: 1, 11: 7, 12: 7, 21: 90, 31: 95}
    found = pools_by_creation(order, started, {11: POLLS, 21: calls, 31: calls})
    assert [(pool.tids, pool.callers) for pool in found.pools] == [((11, 12), (21, 31))]
    assert told(order, {11: POLLS, 21: calls, 31: calls}) == [(11, 12)], "created with the pool"


def test_a_thread_that_said_that_it_calls_is_no_worker() -> None:
    found = pools_by_creation([MAIN, 11, 12, 21], AT_ONCE, {11: POLLS, 21: WORKS}, calling={21})
    assert [(pool.tids, pool.callers) for pool in found.pools] == [((11, 12), (21,))]


def test_pauses_alone_make_no_pool_and_are_polling_beside_a_loop() -> None:
    """The same function pauses for a caller's loop and for a worker's."""
    pauses = LeafCounts(pause=9, runtime=12)
    started = {MAIN: 1, 11: 7, 21: 90}
    assert told([MAIN, 11, 21], {21: pauses}, started) == []
    assert told([MAIN, 11, 21], {11: LeafCounts(loop=1, pause=30), 21: pauses}, started) == [(11,)]
    assert LeafCounts(loop=1, pause=30).polls


def test_a_thread_that_works_at_length_beside_one_that_polls_calls_it() -> None:
    """Seen: a thread of a server opened the session, and called it from then on."""
    spins = LeafCounts(loop=6, pause=33, runtime=1, blocks=40, cpu_ns=900_000_000)
    calls = LeafCounts(runtime=6, pause=1, blocks=12, cpu_ns=140_000_000)
    found = pools_by_creation([MAIN, 21, 22], AT_ONCE, {21: calls, 22: spins})
    assert [(pool.tids, pool.callers) for pool in found.pools] == [((22,), (21,))]
    many = LeafCounts(runtime=60, blocks=120, cpu_ns=1_400_000_000)
    assert told([MAIN, 21, 22], {21: many, 22: spins}) == [(22,)], "nor is it a pool of its own"
    few = LeafCounts(runtime=1, blocks=2, cpu_ns=20_000_000)
    assert told([MAIN, 21, 22], {21: few, 22: spins}) == [(21, 22)], "too little was seen of it"
