from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.waits.off_cpu import OffCpu, off_cpu
from profiler.trace.model import NONE, WAKING
from profiler.trace.model import SWITCH_OUT as LEAVES
from tests.attribution.made_trace import CALLING, MS, POOL
from tests.attribution.scheduling import PREEMPTED, SWITCH_IN, SWITCH_OUT, away, scheduled

WINDOW = (0, 100 * MS)


def rows(off: OffCpu, *names: str) -> list[tuple[Any, ...]]:
    """The named columns, times in ms."""
    columns = []
    for name in names:
        column = getattr(off, name)
        in_ms = name.endswith("_ns")
        columns.append([value / MS if in_ms and value != NONE else value for value in column.tolist()])
    return list(zip(*columns, strict=True))


def test_intervals_of_several_threads() -> None:
    trace = scheduled(
        [
            *away(POOL, (10, 30)),
            *away(POOL, (40, 45), leaves=PREEMPTED),
            *[(5, CALLING, SWITCH_IN), (90, CALLING, SWITCH_OUT)],
        ]
    )
    off = off_cpu(trace, WINDOW, {})
    assert rows(off, "tid", "begin_ns", "end_ns", "preempted", "ended") == [
        (CALLING, 0, 5, False, True),
        (CALLING, 90, 100, False, False),
        (POOL, 10, 30, False, True),
        (POOL, 40, 45, True, True),
    ]
    assert not off.gap.any()
    assert off.ready_ns().tolist() == [5 * MS, 100 * MS, 30 * MS, 40 * MS]


def test_intervals_are_clipped_to_the_window() -> None:
    trace = scheduled([(10, POOL, SWITCH_OUT), (30, POOL, SWITCH_IN), (40, POOL, SWITCH_OUT)])
    off = off_cpu(trace, (20 * MS, 25 * MS), {})
    assert rows(off, "begin_ns", "end_ns") == [(20, 25)]
    assert not off_cpu(trace, (31 * MS, 39 * MS), {}).tid.size


def test_a_thread_that_is_woken_as_it_leaves_is_ready_at_once() -> None:
    trace = scheduled(
        away(POOL, (10, 30), (40, 50)),
        [
            *[(9.99, POOL, LEAVES, NONE, 1), (9.995, CALLING, WAKING, POOL, 2)],
            *[
                (39.98, CALLING, WAKING, POOL, 2),
                (39.99, POOL, LEAVES, NONE, 1),
            ],  # before it leaves: not asleep
        ],
    )
    off = off_cpu(trace, WINDOW, {})
    assert off.ready_ns().tolist() == [10 * MS, 50 * MS]


def test_a_missing_record_is_a_gap() -> None:
    out_twice = scheduled([(10, POOL, SWITCH_OUT), (30, POOL, PREEMPTED), (40, POOL, SWITCH_IN)])
    assert rows(off_cpu(out_twice, WINDOW, {}), "begin_ns", "end_ns", "gap", "preempted") == [
        (10, 30, True, False),
        (30, 40, False, True),
    ]
    in_twice = scheduled([(10, POOL, SWITCH_IN), (30, POOL, SWITCH_IN)])
    assert rows(off_cpu(in_twice, WINDOW, {}), "begin_ns", "end_ns", "gap") == [
        (0, 10, False),
        (10, 30, True),
    ]


def test_threads_without_switches_go_by_their_cpu_time() -> None:
    off = off_cpu(scheduled([]), WINDOW, {CALLING: 99 * MS, POOL: 0})
    assert rows(off, "tid", "begin_ns", "end_ns", "ended") == [(POOL, 0, 100, False)]
    assert not off_cpu(scheduled([]), WINDOW, {}).tid.size


def test_chains_and_wake_ups_join_their_intervals() -> None:
    trace = scheduled(
        [*away(POOL, (10, 30), (50, 60)), *away(POOL, (40, 45), leaves=PREEMPTED)],
        [
            (9.99, POOL, LEAVES, NONE, 1),
            (9.5, CALLING, WAKING, POOL, 2),  # before it left: it was still running
            (28, CALLING, WAKING, POOL, 2),
            (29, CALLING, WAKING, POOL, 2),
            (39.99, POOL, LEAVES, NONE, 3),
            (42, CALLING, WAKING, POOL, 2),  # a preempted thread has no need of it
            (55, POOL, WAKING, CALLING, 2),  # another thread
        ],
    )
    off = off_cpu(trace, WINDOW, {})
    assert rows(off, "stack", "woken_ns", "waker") == [(1, 28, CALLING), (3, NONE, NONE), (NONE, NONE, NONE)]
    assert off.ready_ns().tolist() == [28 * MS, 40 * MS, 60 * MS]


@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from([SWITCH_IN, SWITCH_OUT, PREEMPTED])), max_size=20)
)
def test_intervals_never_overlap_and_stay_within_the_window(records: list[tuple[int, str]]) -> None:
    off = off_cpu(scheduled([(time, POOL, what) for time, what in records]), (10 * MS, 90 * MS), {})
    assert np.all(off.end_ns > off.begin_ns)
    assert np.all(off.begin_ns[1:] >= off.end_ns[:-1])
    assert np.all((off.begin_ns >= 10 * MS) & (off.end_ns <= 90 * MS))
    assert np.all((off.ready_ns() >= off.begin_ns) & (off.ready_ns() <= off.end_ns))
