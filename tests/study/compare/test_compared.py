from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.study.compare.compared import CPU, MEDIAN, P95, ComparedFigure, basis, figures
from profiler.study.compare.comparison import compare_pair
from profiler.study.intervals import Basis
from tests.pages.support import spinning
from tests.study.compare.support import made_pair, measured
from tests.summaries import present, throttled

if TYPE_CHECKING:
    from profiler.arrays import Floats
    from profiler.study.compare.comparison import Comparison
    from profiler.study.compare.sides import Pair
    from profiler.study.measured import Measured


def named(found: list[ComparedFigure]) -> dict[str, ComparedFigure]:
    return {figure.name: figure for figure in found}


def latencies(mean: float, count: int = 40) -> Floats:
    return mean * np.exp(0.1 * np.random.default_rng(0).standard_normal(count))


def two_runs(before: Measured, after: Measured) -> Pair:
    return made_pair(spinning(), spinning(), repeats=((before,), (after,)))


def test_spinning_off_saves_cpu_time_for_sure(comparison: Comparison) -> None:
    """The golden pair: 47.3 and 9.26 ms of CPU time a request."""
    found = named(comparison.figures)
    cpu = found[CPU]
    said = [present(side.analysis.summary.measured).cpu_ms_per_request for side in comparison.pair.sides]
    assert [cpu.before, cpu.after] == pytest.approx(said)
    assert cpu.significant
    assert cpu.ratio is not None
    assert cpu.ratio.high < 0.5
    assert found["Spin window, median"].after == 0.0
    wakes = found["Futex calls to wake, per request"]
    assert wakes.difference is not None
    assert wakes.difference > 10


def test_ratios_are_those_of_the_figures_beside_them() -> None:
    found = named(figures(two_runs(measured(latencies(10)), measured(latencies(12)))))
    for name in (CPU, MEDIAN, P95):
        figure = found[name]
        assert figure.ratio is not None
        assert figure.before is not None
        assert figure.ratio.estimate == pytest.approx(1.2)
        assert figure.after == pytest.approx(1.2 * figure.before)
    assert basis([*found.values()]) is Basis.REQUESTS


def test_too_few_requests_are_said() -> None:
    found = named(figures(two_runs(measured(latencies(10, 19)), measured(latencies(10)))))
    assert found[P95].before is None
    assert found[P95].after is not None
    assert found[P95].why == "19 requests in a run: too few"
    assert found[MEDIAN].ratio is not None


def test_requests_that_are_not_known_are_not_0() -> None:
    found = named(figures(two_runs(measured(latencies(10, 0)), measured(latencies(10)))))
    assert found[CPU].why == "no requests are known in a run"


def test_nothing_measured_is_said() -> None:
    found = figures(made_pair(spinning(), spinning()))
    assert basis(found) is None
    assert named(found)[CPU].why == "not measured on both sides"


def test_cpu_time_that_was_not_noted_by_request_has_no_interval() -> None:
    old = measured(latencies(10), np.array([5.0]))
    cpu = named(figures(two_runs(old, old)))[CPU]
    assert cpu.ratio is None
    assert cpu.why == "no interval: each request's CPU time was not recorded"


def test_requests_that_were_never_served_are_said() -> None:
    overloaded = dataclasses.replace(measured(latencies(10)), unserved=7)
    cautions = compare_pair(two_runs(measured(latencies(10)), overloaded)).cautions
    assert [one for one in cautions if one.startswith("after: 7 requests that were due never started")]
    assert not [one for one in cautions if one.startswith("before: 7")]


def test_what_a_limit_did_is_told_of_both_sides() -> None:
    def limited(share: float, stopped_ms: float) -> Measured:
        counted = throttled(throttled_periods=round(100 * share), per_request_ms__mean=stopped_ms)
        return measured(latencies(10), throttled=counted)

    found = named(figures(two_runs(limited(0.4, 80.0), limited(0.1, 0.0))))
    assert (found["Periods throttled"].before, found["Periods throttled"].after) == pytest.approx((40, 10))
    assert found["Stood still per request"].difference == pytest.approx(-80)
    assert "Periods throttled" not in named(figures(two_runs(measured(latencies(1)), measured(latencies(1)))))
