from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.statistics import (
    latency_figures,
    load_figures,
    percentile,
    share_interval,
    supported,
)
from profiler.run.phase_counters import PhaseCounters, Snapshot
from profiler.run.request import Request
from profiler.run.sections.load_section import LatencyFigures, LateStarts


def requests(count: int) -> list[Request]:
    """Requests of 1, 2, ... count milliseconds, each a millisecond late."""
    return [Request("measure", 0, 1_000_000, (i + 1) * 1_000_000, 0) for i in range(count)]


@pytest.mark.parametrize(("which", "least"), [(50, 2), (95, 20), (99, 100)])
def test_a_percentile_needs_a_request_beyond_it(which: int, least: int) -> None:
    assert supported(which, least)
    assert not supported(which, least - 1)


def test_latency_of_too_few_requests_is_left_out() -> None:
    figures = latency_figures(requests(19))
    assert figures.p95 is None
    assert figures.p50 == 10
    assert latency_figures(requests(20)).p95 == 19
    assert latency_figures(requests(100)).p99 == 99


def test_no_requests_at_all() -> None:
    assert latency_figures([]) == LatencyFigures(mean=None, p50=None, p95=None, p99=None, max=None)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from([50, 95, 99]))
def test_a_percentile_is_a_value_seen_with_enough_at_or_below(values: list[float], which: int) -> None:
    found = percentile(values, which)
    assert found in values
    at_or_below = sum(value <= found for value in values)
    below = sum(value < found for value in values)
    assert at_or_below >= math.ceil(which * len(values) / 100) > below


def test_a_phases_figures_count_from_the_schedule_and_in_percent_of_one_core() -> None:
    counters = PhaseCounters(Snapshot(0, 0, {}), Snapshot(2_000_000_000, 3_000_000_000, {}))
    figures = load_figures(counters, requests(4))
    assert figures.cpu_percent == pytest.approx(150)
    assert figures.cpu_ms_per_request == pytest.approx(750)
    assert figures.latency_ms.max == pytest.approx(4)
    assert figures.late_start_ms == LateStarts(mean=1.0, max=1.0)
    assert load_figures(counters, []).cpu_ms_per_request is None


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(0.5, 100, 0.4038, 0.5962), (0.0, 10, 0.0, 0.2775), (1.0, 10, 0.7225, 1.0), (0.3, 0, 0.0, 1.0)],
)
def test_intervals_of_shares(share: float, count: int, low: float, high: float) -> None:
    """Wilson's intervals, as published tables have them."""
    interval = share_interval(share, count)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)
