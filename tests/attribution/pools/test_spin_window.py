from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.attribution.pools.spin_window import spin_windows
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.run.processes import Pool, PoolRole
from profiler.run.request import Request
from profiler.trace.model import WAKING
from tests.attribution.made_trace import CALLING, MS
from tests.attribution.scheduling import PREEMPTED, SWITCH_IN, SWITCH_OUT, away, scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = 21, 22
LOSES_ITS_CPU = [(9, SECOND, SWITCH_IN), *away(SECOND, (12, 20), leaves=PREEMPTED)]


def pool(*tids: int, name: str = "intra-op") -> Pool:
    return Pool(name, PoolRole.INTRA_OP, list(tids))


def window(
    switches: Sequence[tuple[float, int, str]], *, wakings: tuple[float, ...] = ()
) -> tuple[float, bool]:
    """The window after a request from 0 to 10 ms that another follows at 80 ms; in ms."""
    requests = [Request("profile", at * MS, at * MS, (at + 10) * MS, 0) for at in (0, 80)]
    events = [(time, CALLING, WAKING, FIRST, -1) for time in wakings]
    off = off_cpu(scheduled(switches, events), (0, 100 * MS), {FIRST: 0, SECOND: 0})
    first, _ = spin_windows(off, pool(FIRST, SECOND), requests, 100 * MS)
    return first.wall_ns / MS, first.cut_off


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ([(26, FIRST, SWITCH_OUT)], (16, False)),
        # The last thread counts, and losing the CPU is not blocking.
        ([(26, FIRST, SWITCH_OUT), *LOSES_ITS_CPU, (40, SECOND, SWITCH_OUT)], (30, False)),
        ([(9, FIRST, SWITCH_OUT)], (0, False)),
        # Blocked at the request's end, woken for nothing of ours, blocked again.
        ([*away(FIRST, (9, 20)), (21, FIRST, SWITCH_OUT)], (0, False)),
        ([(85, FIRST, SWITCH_OUT)], (70, True)),
        ([(2, FIRST, SWITCH_IN)], (70, True)),
    ],
)
def test_until_the_last_thread_blocks(
    switches: Sequence[tuple[float, int, str]], expected: tuple[float, bool]
) -> None:
    assert window(switches) == expected


def test_a_woken_thread_polls_from_when_it_gets_a_cpu() -> None:
    switches = [*away(FIRST, (5, 12)), (18, FIRST, SWITCH_OUT)]
    assert window(switches, wakings=(9,)) == (6, False)
    assert window(switches) == (0, False)


def test_a_thread_that_lost_its_cpu_before_the_end_polls_when_it_has_one_again() -> None:
    lost = away(FIRST, (9, 30), leaves=PREEMPTED)
    assert window([*lost, (33, FIRST, SWITCH_OUT)]) == (3, False)


def test_waiting_for_a_cpu_until_the_next_request_is_not_polling() -> None:
    lost = away(FIRST, (9, 85), leaves=PREEMPTED)
    assert window([*lost, (90, FIRST, SWITCH_OUT)]) == (0, False)


def test_threads_that_never_run_are_blocked() -> None:
    assert window([]) == (0, False)


def test_without_requests_there_is_no_window() -> None:
    off = off_cpu(scheduled([]), (0, 100 * MS), {FIRST: 0})
    assert spin_windows(off, pool(FIRST), [], 100 * MS) == []


def test_a_pool_is_followed_after_its_own_requests_alone() -> None:
    requests = [
        Request("profile", at * MS, at * MS, (at + 10) * MS, 0, pool=name)
        for at, name in ((0, "a"), (30, "b"))
    ]
    off = off_cpu(
        scheduled([(26, FIRST, SWITCH_OUT), (60, SECOND, SWITCH_OUT)]), (0, 100 * MS), {FIRST: 0, SECOND: 0}
    )
    (after_a,) = spin_windows(off, pool(FIRST, name="a"), requests, 100 * MS)
    (after_b,) = spin_windows(off, pool(SECOND, name="b"), requests, 100 * MS)
    assert (after_a.wall_ns / MS, after_b.wall_ns / MS) == (16, 20)


def test_overlapping_requests_are_followed_after_the_last_to_end() -> None:
    requests = [Request("profile", a * MS, a * MS, b * MS, 0) for a, b in ((0, 20), (5, 30))]
    off = off_cpu(scheduled([(45, FIRST, SWITCH_OUT)]), (0, 100 * MS), {FIRST: 0})
    windows = spin_windows(off, pool(FIRST), requests, 100 * MS)
    assert [window.wall_ns / MS for window in windows] == [15]
