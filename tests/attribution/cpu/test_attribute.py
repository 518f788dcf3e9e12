from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.cpu.attribute import attribute, inside
from profiler.attribution.cpu.cpu_figures import cpu_figures
from profiler.attribution.cpu.hot_functions import merge_chains
from profiler.run.kinds import KINDS, Evidence, Kind
from profiler.run.request import Request
from profiler.symbols.calls import CallKind
from profiler.symbols.polling import LoopPlace
from tests.attribution.made_trace import (
    CALLING,
    COMPUTES,
    FRAMES,
    LONE,
    LOST,
    MS,
    POLLS,
    POOL,
    PROCESS,
    REQUEST,
    SILENT,
    make_counters,
    make_trace,
)

if TYPE_CHECKING:
    from profiler.run.phase_counters import PhaseCounters


def by_kind(
    rows: list[tuple[int, int, int]], counters: PhaseCounters, *, user_only: bool = False
) -> dict[Kind, float]:
    found = attribute(make_trace(rows), FRAMES, PROCESS, counters, [REQUEST], user_only=user_only)
    return {kind: ns / MS for kind, ns in found.cpu_ns_by_kind().items() if ns}


def test_polling_is_busy_inside_a_request_and_idle_outside() -> None:
    rows = [(5, POOL, POLLS), (6, CALLING, COMPUTES), (50, POOL, POLLS), (51, POOL, POLLS)]
    assert by_kind(rows, make_counters({POOL: 3, CALLING: 1}, 4)) == pytest.approx(
        {Kind.SPIN_BUSY: 1, Kind.COMPUTE: 1, Kind.SPIN_IDLE: 2}
    )


def test_samples_share_the_exact_cpu_time_of_their_thread() -> None:
    rows = [(5, POOL, POLLS), (50, POOL, POLLS), (6, CALLING, COMPUTES)]
    assert by_kind(rows, make_counters({POOL: 8, CALLING: 2}, 10)) == pytest.approx(
        {Kind.SPIN_BUSY: 4, Kind.SPIN_IDLE: 4, Kind.COMPUTE: 2}
    )


def test_a_thread_without_samples_counts_as_its_role_does() -> None:
    rows = [(50, POOL, POLLS)]
    assert by_kind(rows, make_counters({POOL: 6, SILENT: 2, CALLING: 1}, 9)) == pytest.approx(
        {Kind.SPIN_IDLE: 8, Kind.UNKNOWN: 1}
    )


def test_a_thread_that_ended_gets_what_is_left_of_the_process() -> None:
    ended = 99
    rows = [(50, POOL, POLLS), (5, ended, LOST)]
    assert by_kind(rows, make_counters({POOL: 6}, 9)) == pytest.approx({Kind.SPIN_IDLE: 6, Kind.UNKNOWN: 3})


def test_without_the_kernel_the_rest_of_a_thread_is_the_kernels() -> None:
    rows = [(50, POOL, POLLS)] * 3
    assert by_kind(rows, make_counters({POOL: 10}, 10), user_only=True) == pytest.approx(
        {Kind.SPIN_IDLE: 3, Kind.KERNEL: 7}
    )


def test_a_lone_frame_is_compute_only_inside_a_request() -> None:
    rows = [(5, POOL, LONE), (50, POOL, LONE)]
    trace = make_trace(rows)
    found = attribute(trace, FRAMES, PROCESS, make_counters({POOL: 2}, 2), [REQUEST], user_only=False)
    assert [KINDS[kind] for kind in found.kind] == [Kind.COMPUTE, Kind.UNKNOWN]
    assert cpu_figures(found).evidence[Evidence.WINDOW] == pytest.approx(0.5)


def test_samples_outside_the_phase_do_not_count() -> None:
    rows = [(50, POOL, POLLS), (150, CALLING, COMPUTES)]
    assert by_kind(rows, make_counters({POOL: 2}, 2)) == pytest.approx({Kind.SPIN_IDLE: 2})


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 99), st.sampled_from([CALLING, POOL, 99]), st.integers(-1, 3)), max_size=30
    ).map(sorted),
    cpu=st.dictionaries(st.sampled_from([CALLING, POOL, SILENT]), st.floats(0, 1000), min_size=1),
    ended=st.floats(0, 100),
    user_only=st.booleans(),
)
def test_kinds_sum_to_the_process_cpu_time(
    rows: list[tuple[int, int, int]], cpu: dict[int, float], ended: float, user_only: bool
) -> None:
    total = sum(cpu.values()) + ended
    counters = make_counters(cpu, total)
    figures = cpu_figures(
        attribute(make_trace(rows), FRAMES, PROCESS, counters, [REQUEST], user_only=user_only)
    )
    expected = counters.cpu_ns / MS
    assert figures.total_ms == pytest.approx(expected, rel=1e-6, abs=1e-3)
    assert sum(figures.by_kind.values()) == pytest.approx(figures.total_ms)
    assert sum(figures.by_category.values()) == pytest.approx(figures.total_ms)
    assert all(ms >= 0 for ms in figures.by_kind.values())


def test_an_instant_is_in_flight_from_a_requests_start_to_its_end() -> None:
    requests = [Request("profile", 0, 10, 20, 0), Request("profile", 0, 15, 40, 0)]
    times = np.array([9, 10, 19, 20, 21, 40, 41], np.int64)
    assert inside(times, requests).tolist() == [False, True, True, True, True, True, False]
    assert not inside(times, []).any()


def test_chains_merge_by_function_and_hot_counts_recursion_once() -> None:
    rows = [(5, CALLING, COMPUTES), (6, CALLING, COMPUTES), (50, POOL, POLLS), (51, POOL, -1)]
    trace = make_trace(rows)
    found = attribute(
        trace, FRAMES, PROCESS, make_counters({POOL: 2, CALLING: 2}, 4), [REQUEST], user_only=False
    )
    # The pause and the loop around it are given one name: a chain of a function that calls itself.
    names = [("loop", "lib"), ("loop", "lib"), ("main", "python"), ("kernel", "lib"), ("syscall", "libc")]
    functions = merge_chains(trace.stacks, found, names)
    hot = {functions.names[row.function][0]: row for row in functions.hot()}
    assert hot["kernel"].self_ns == pytest.approx(2 * MS)
    assert hot["main"].self_ns == 0
    assert hot["main"].total_ns == pytest.approx(2 * MS)
    assert hot["main"].kind is Kind.COMPUTE
    assert hot["loop"].total_ns == pytest.approx(hot["loop"].self_ns) == pytest.approx(1 * MS)
    assert hot["[no call chain]"].kind is Kind.UNKNOWN


def test_the_worked_example_uses_what_it_claims() -> None:
    assert FRAMES[1].call is CallKind.DIRECT
    assert FRAMES[1].place is LoopPlace.POLLING
