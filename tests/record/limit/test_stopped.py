"""Made-up readings of a process under 10 ms in each 100 ms."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.record.limit.stopped import StretchFinder
from profiler.run.throttling import CpuStat, Period

MS = 1_000_000


def test_a_stretch_runs_from_the_last_progress_to_the_next_period() -> None:
    finder = StretchFinder(0, CpuStat(0, 0, 0), 0)
    finder.see(5 * MS, CpuStat(0, 0, 0), 5 * MS)
    finder.see(10 * MS, CpuStat(0, 0, 0), 10 * MS)
    for tick in range(15, 100, 5):
        finder.see(tick * MS, CpuStat(0, 0, 0), 10 * MS)
    finder.see(102 * MS, CpuStat(1, 1, 90 * MS), 12 * MS)
    assert finder.stretches == [(12 * MS, 102 * MS)]
    assert finder.periods == [Period(102 * MS, 12 * MS, throttled=True)]


def test_the_kernels_sum_over_cpus_bounds_a_stretch() -> None:
    finder = StretchFinder(0, CpuStat(0, 0, 0), 0)
    finder.see(100 * MS, CpuStat(1, 1, 30 * MS), 0)
    assert finder.stretches == [(70 * MS, 100 * MS)]


def test_idling_is_no_stretch() -> None:
    finder = StretchFinder(0, CpuStat(0, 0, 0), 0)
    for tick in range(5, 500, 5):
        finder.see(tick * MS, CpuStat(tick // 100, 0, 0), 3 * MS)
    assert finder.stretches == []
    assert [period.throttled for period in finder.periods] == [False] * 4


def test_where_one_cpu_goes_on_the_process_does_not_stand_still() -> None:
    finder = StretchFinder(0, CpuStat(0, 0, 0), 0)
    for tick in range(5, 95, 5):
        finder.see(tick * MS, CpuStat(0, 0, 0), tick * MS // 10)
    finder.see(95 * MS, CpuStat(0, 0, 80 * MS), 10 * MS)
    assert finder.stretches == [(90 * MS, 95 * MS)]


READINGS = st.lists(
    st.tuples(st.integers(1, 50), st.integers(0, 2), st.integers(0, 200), st.integers(0, 50)), max_size=60
)


@given(READINGS)
def test_stretches_ascend_and_do_not_overlap(steps: list[tuple[int, int, int, int]]) -> None:
    finder = StretchFinder(0, CpuStat(0, 0, 0), 0)
    time = periods = throttled = cpu = 0
    for step, more_periods, more_throttled, more_cpu in steps:
        time, periods = time + step, periods + more_periods
        throttled, cpu = throttled + more_throttled, cpu + more_cpu
        finder.see(time, CpuStat(periods, periods, throttled), cpu)
    edges = [edge for stretch in finder.stretches for edge in stretch]
    assert edges == sorted(edges)
    assert sum(end - begin for begin, end in finder.stretches) <= min(time, throttled)
    assert sum(period.cpu_ns for period in finder.periods) <= cpu
