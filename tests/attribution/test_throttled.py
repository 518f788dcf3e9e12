from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.throttled import cpu_budget, stopped_inside, throttled_figures
from profiler.run.cpu_budget import Cpus
from profiler.run.request import Request
from profiler.run.sections.load_section import StoppedInRequests, ThrottledFigures
from profiler.run.throttling import CpuStat, Throttling

MS = 1_000_000
BOOTED_LONG_AGO = 10**17
"""Nanoseconds that a double can't hold to the last digit."""


def request(scheduled: float, ended: float, origin: int = 0) -> Request:
    return Request("measure", int(origin + scheduled * MS), 0, int(origin + ended * MS), 0)


def test_only_what_lies_inside_a_request_counts() -> None:
    stretches = [(10 * MS, 90 * MS), (110 * MS, 190 * MS)]
    requests = [request(0, 5), request(0, 50), request(20, 60), request(0, 200), request(195, 300)]
    assert list(stopped_inside(stretches, requests) / MS) == [0, 40, 40, 160, 0]


def test_times_long_after_boot_keep_their_precision() -> None:
    stretches = [(BOOTED_LONG_AGO + 1, BOOTED_LONG_AGO + 4)]
    assert list(stopped_inside(stretches, [request(0, 1, BOOTED_LONG_AGO)])) == [3]


def test_a_strangers_times_may_be_of_any_size() -> None:
    huge = Request("measure", -(10**30), 0, 10**30, 0)
    assert list(stopped_inside([(10**25, 10**25 + 10)], [huge, request(0, 1)])) == [10, 0]


SPANS = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), max_size=20)


@given(SPANS, st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 500)), max_size=20))
def test_it_is_the_sum_of_the_overlaps(gaps: list[tuple[int, int]], spans: list[tuple[int, int]]) -> None:
    stretches, now = [], 0
    for gap, length in gaps:
        stretches.append((now + gap, now + gap + length))
        now += gap + length
    requests = [Request("measure", begin, 0, begin + length, 0) for begin, length in spans]
    slow = [
        sum(max(0, min(r.end_ns, end) - max(r.scheduled_ns, begin)) for begin, end in stretches)
        for r in requests
    ]
    assert list(stopped_inside(stretches, requests)) == pytest.approx(slow)


def test_figures_of_a_phase() -> None:
    throttling = Throttling(
        begin=CpuStat(10, 5, 400 * MS),
        end=CpuStat(30, 15, 2400 * MS, 3),
        tick_ns=5 * MS,
        stretches=[(1000 * MS, 1080 * MS)],
    )
    requests = [request(100 * i, 100 * i + 1 + i) for i in range(20)]
    figures = throttled_figures(throttling, requests)
    assert figures == ThrottledFigures(
        periods=20,
        throttled_periods=10,
        throttled_ms=2000.0,
        bursts=3,
        stopped_ms=80.0,
        resolution_ms=5.0,
        # The eleventh request lies inside the stretch; the p95 of 20 latencies is the nineteenth's.
        per_request_ms=StoppedInRequests(mean=11 / 20, p95_request=0.0, max=11.0),
    )


def test_few_or_no_requests() -> None:
    throttling = Throttling(begin=CpuStat(0, 0, 0), end=CpuStat(1, 0, 0), tick_ns=MS)
    few = throttled_figures(throttling, [request(0, 1)])
    none = throttled_figures(throttling, [])
    assert few is not None
    assert none is not None
    assert few.per_request_ms == StoppedInRequests(mean=0.0, p95_request=None, max=0.0)
    assert none.per_request_ms == StoppedInRequests(mean=None, p95_request=None, max=None)


def test_without_a_limit_there_are_no_figures() -> None:
    assert throttled_figures(None, [request(0, 1)]) is None
    assert cpu_budget(None) is None


@pytest.mark.parametrize(("quota", "usable"), [(None, 2.0), (0.1, 0.1), (8.0, 2.0)])
def test_the_tightest_bound_is_what_can_be_used(quota: float | None, usable: float) -> None:
    budget = cpu_budget(Cpus(allowed=[0, 3], quota=quota, threads=4))
    assert budget is not None
    assert budget.usable == usable
