"""Pools of threads that nobody described: made traces here; e2e holds it against what the workload says."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from profiler.attribution.pools.observed import observe_pools
from profiler.run.processes import PoolRole
from profiler.trace.model import WAKING
from tests.attribution.made_trace import COMPUTES, FRAMES, LONE, POLLS
from tests.attribution.scheduling import scheduled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

A, B = 1, 2
FIRST, SECOND = (11, 12), (21, 22)
ORDER = [A, *FIRST, *SECOND, B]
AT_A, AT_B = range(0, 1000, 50), range(20, 1000, 70)
"""Milliseconds at which each caller serves a request."""

Samples = list[tuple[int, int, int]]


def polling(*tids: int) -> Samples:
    return [(at, tid, POLLS) for tid in tids for at in (3, 507, 991)]


def serving(caller: int, workers: tuple[int, ...], times: range) -> Samples:
    seen = [(caller, COMPUTES), *((worker, LONE) for worker in workers)]
    return [(at + 1, tid, stack) for at in times for tid, stack in seen]


def told(
    samples: Samples,
    wakes: Sequence[tuple[int, int, int]] = (),
    started: Mapping[int, int] = MappingProxyType({}),
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the threads and the callers of each pool; wakes are (ms, who, whom)."""
    events = [(float(at), waker, WAKING, woken, -1) for at, waker, woken in wakes]
    observed = observe_pools(scheduled([], events, sorted(samples)), FRAMES, ORDER, started)
    assert observed.unplaced == ()
    return [(pool.tids, pool.callers) for pool in observed.pools]


def test_neighbours_that_work_at_other_times_are_two_pools() -> None:
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, SECOND, AT_B)]
    assert told(samples) == [(FIRST, (A,)), (SECOND, (B,))]


def test_workers_that_never_work_are_told_by_who_wakes_them() -> None:
    """A caller wakes its pool's first worker, which wakes the second: nothing is sampled but polling."""
    samples = [*polling(*FIRST, *SECOND), *serving(A, (), AT_A), *serving(B, (), AT_B)]
    wakes = [(at, A, 11) for at in AT_A] + [(at, 11, 12) for at in AT_A[::3]]
    wakes += [(at, B, 21) for at in AT_B] + [(at, 21, 22) for at in AT_B]
    assert told(samples, wakes) == [(FIRST, (A,)), (SECOND, (B,))]


def test_pools_that_started_at_other_times_are_two_whatever_they_do() -> None:
    started = {11: 100, 12: 100, 21: 150, 22: 151}
    assert told(polling(*FIRST, *SECOND), started=started) == [(FIRST, ()), (SECOND, ())]


def test_threads_that_a_crowded_machine_created_late_are_of_the_pool_that_they_work_with() -> None:
    """Seen: 40 ms between two threads of a pool, while another process's workers span."""
    started = {11: 100, 12: 104, 21: 110, 22: 115}
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, SECOND, AT_B)]
    assert told(samples, started=started) == [(FIRST, (A,)), (SECOND, (B,))]
    assert len(told(polling(*FIRST, *SECOND), started=started)) == 4, "nothing says that they work as one"


def test_one_pool_of_two_callers_is_one() -> None:
    workers = (*FIRST, *SECOND)
    samples = [*polling(*workers), *serving(A, workers, AT_A), *serving(B, workers, AT_B)]
    assert told(samples) == [(workers, (A, B))]


def test_a_model_served_at_some_of_the_same_instants_is_no_caller() -> None:
    """Two schedules that begin together: every second request of B is at an instant of A's."""
    both = range(0, 1000, 25)
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, SECOND, both)]
    wakes = [(at, A, 11) for at in AT_A] + [(at, B, 21) for at in both]
    assert told(samples, wakes) == [(FIRST, (A,)), (SECOND, (B,))]


def test_one_wake_up_by_chance_makes_no_caller() -> None:
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, SECOND, AT_B)]
    wakes = [(at, A, 11) for at in AT_A] + [(at, A, 12) for at in AT_A] + [(501, B, 12)]
    assert told(samples, wakes) == [(FIRST, (A,)), (SECOND, (B,))]


def test_a_worker_between_two_pools_of_which_nothing_was_seen_is_not_placed() -> None:
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST[:1], AT_A), *serving(B, SECOND[1:], AT_B)]
    observed = observe_pools(scheduled([], [], sorted(samples)), FRAMES, ORDER, {})
    assert [pool.tids for pool in observed.pools] == [(11,), (22,)]
    assert observed.unplaced == (12, 21)
    assert all(pool.role is PoolRole.INTRA_OP for pool in observed.pools)


def test_threads_that_never_wait_for_work_are_in_no_pool() -> None:
    observed = observe_pools(scheduled([], [], serving(A, (), AT_A)), FRAMES, ORDER, {})
    assert observed.pools == ()


def test_neither_the_first_thread_nor_one_that_said_that_it_calls_is_a_worker() -> None:
    """Seen: node's main thread calls `Run`, and was in a worker's loop by its call chain."""
    samples = [*polling(A, B, *FIRST), *serving(A, FIRST, AT_A), *serving(B, FIRST, AT_B)]
    observed = observe_pools(scheduled([], [], sorted(samples)), FRAMES, ORDER, {}, calling={B})
    assert [(pool.tids, pool.callers) for pool in observed.pools] == [(FIRST, (A, B))]
    assert observed.callers == (A, B)


def test_a_pool_that_nobody_was_seen_to_call_has_the_callers_of_no_other() -> None:
    """On saturated CPUs no thread works when another does, and as an ordinary user wake-ups are not seen."""
    late = range(35, 1000, 70)
    alone = [*polling(*FIRST), *serving(A, (), AT_A), *serving(11, (), late)]
    assert told(alone) == [(FIRST, (A,))]
    both = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, (), AT_B)]
    started = {11: 100, 12: 100, 21: 150, 22: 151}
    assert told(both, started=started) == [(FIRST, (A,)), (SECOND, (B,))]
    assert told([*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A)], started=started) == [
        (FIRST, (A,)),
        (SECOND, (A,)),
    ]


def at_other_times(steps: int) -> Samples:
    """Return samples of two workers that never work in the same step, `steps` of them each."""
    apart = 1000 // steps
    return [
        (at + shift, tid, LONE)
        for tid, shift in ((11, 0), (12, apart // 2))
        for at in range(0, apart * steps, apart)
    ]


def test_few_samples_at_other_times_tell_no_pools_apart() -> None:
    """A crowded machine: one worker runs here, another there, and neither is seen often."""
    assert told([*polling(*FIRST), *at_other_times(6)]) == [(FIRST, ())]
    assert told([*polling(*FIRST), *at_other_times(20)]) == [((11,), ()), ((12,), ())]


def test_there_are_no_more_pools_than_sessions() -> None:
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST, AT_A), *serving(B, SECOND, AT_B)]
    trace = scheduled([], [], sorted(samples))
    pools = {most: observe_pools(trace, FRAMES, ORDER, {}, most=most).pools for most in (2, 1)}
    assert [pool.tids for pool in pools[2]] == [FIRST, SECOND]
    [whole] = pools[1]
    assert whole.tids == (*FIRST, *SECOND)
    assert whole.evidence == ("creation order", "how many sessions were made")


def test_a_worker_between_two_parts_of_one_pool_is_of_it() -> None:
    samples = [*polling(*FIRST, *SECOND), *serving(A, FIRST[:1], AT_A), *serving(B, SECOND[1:], AT_B)]
    observed = observe_pools(scheduled([], [], sorted(samples)), FRAMES, ORDER, {}, most=1)
    assert [pool.tids for pool in observed.pools] == [(*FIRST, *SECOND)]
    assert observed.unplaced == ()
