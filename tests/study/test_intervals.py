"""Intervals that keep their promise: by simulation, since no formula covers correlated, skewed latencies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from profiler.attribution.statistics import percentile
from profiler.study.bootstrap import Spread, block_bootstrap, t_quantile
from profiler.study.intervals import Basis, compare, estimate
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from profiler.arrays import Floats

STATISTICS = (Statistic.MEAN, Statistic.MEDIAN, Statistic.P95)
CORRELATION = 0.3
"""Of neighbouring requests."""
RESAMPLES = 100
TRIALS = 800


def simulate(
    generator: np.random.Generator,
    repeats: int,
    requests: int,
    spread: float,
    runs: Floats | float = 0.0,
) -> list[Floats]:
    """Return latencies, (requests,) a repeat: lognormal, neighbours correlated, repeats shifted by `runs`."""
    noise = generator.standard_normal((requests, repeats))
    walk = noise[0]
    values = [walk]
    for step in noise[1:]:
        walk = CORRELATION * walk + math.sqrt(1 - CORRELATION**2) * step
        values.append(walk)
    return list(np.exp(spread * np.array(values).T + np.reshape(runs, (-1, 1))))


def chance(share: float = 0.05) -> float:
    """Return the share that a true `share` exceeds by luck once in a hundred."""
    return share + 2.33 * math.sqrt(share * (1 - share) / TRIALS)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_five_repeats_of_the_same_differ_in_5_percent_and_a_tenth_more_is_found(statistic: Statistic) -> None:
    """The noise: requests spread by 10 %, 100 a run, runs by 2 %, and rounds that hit both sides by 10 %."""
    generator = np.random.default_rng(8)
    false = found = 0
    for _ in range(TRIALS):
        rounds = 0.1 * generator.standard_normal(5)
        before, after = (
            simulate(generator, 5, 100, 0.1, rounds + 0.02 * generator.standard_normal(5)) for _ in range(2)
        )
        ratio = compare(before, after, statistic, resamples=RESAMPLES)
        assert ratio is not None
        assert ratio.basis is Basis.REPEATS
        false += ratio.significant
        found += ratio.low * 1.1 > 1  # the same trial, had the second side cost a tenth more
    assert false / TRIALS <= chance()
    assert found / TRIALS >= 0.9


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("requests", [20, 100])
def test_one_run_each_differs_in_5_percent_if_requests_alone_vary(
    statistic: Statistic, requests: int
) -> None:
    generator = np.random.default_rng(3)
    false = 0
    for _ in range(TRIALS):
        before, after = (simulate(generator, 1, requests, 0.3) for _ in range(2))
        ratio = compare(before, after, statistic, resamples=RESAMPLES)
        assert ratio is not None
        assert ratio.basis is Basis.REQUESTS
        false += ratio.significant
    assert false / TRIALS <= chance()


def test_a_disturbed_repeat_now_and_then_is_no_discovery() -> None:
    """One run in ten takes a fifth longer: the noise is not normal, and there is no difference."""
    generator = np.random.default_rng(2)
    false = 0
    for _ in range(TRIALS):
        before, after = (
            simulate(generator, 5, 50, 0.1, 0.2 * (generator.random(5) < 0.1).astype(float)) for _ in range(2)
        )
        ratio = compare(before, after, Statistic.MEDIAN, resamples=RESAMPLES)
        assert ratio is not None
        false += ratio.significant
    assert false / TRIALS <= chance()


def test_lost_repeats_unpair_the_rest() -> None:
    """Repeats that differ by 5 %: false alarms stay at their level with five against three."""
    generator = np.random.default_rng(3)
    false = 0
    for _ in range(TRIALS):
        before, after = (
            simulate(generator, count, 50, 0.1, 0.05 * generator.standard_normal(count)) for count in (5, 3)
        )
        ratio = compare(before, after, Statistic.MEAN, resamples=RESAMPLES)
        assert ratio is not None
        assert ratio.basis is Basis.REPEATS
        false += ratio.significant
    assert false / TRIALS <= chance()


def test_an_interval_of_an_estimate_holds_the_truth_in_95_percent() -> None:
    generator = np.random.default_rng(4)
    missed = 0
    for _ in range(TRIALS):
        found = estimate(
            simulate(generator, 5, 100, 0.1, 0.03 * generator.standard_normal(5)),
            Statistic.MEDIAN,
            resamples=RESAMPLES,
        )
        assert found is not None
        missed += not found.low <= 1 <= found.high
    assert missed / TRIALS <= chance()


def test_repeats_that_agree_by_chance_are_no_surer_than_their_requests() -> None:
    values = simulate(np.random.default_rng(5), 1, 100, 0.5)[0]
    again = [values] * 3
    found = estimate(again, Statistic.MEAN)
    assert found is not None
    assert found.high / found.low > 1.05


def test_the_same_seed_gives_the_same_interval() -> None:
    before = simulate(np.random.default_rng(6), 1, 30, 0.2)
    after = simulate(np.random.default_rng(7), 1, 30, 0.2)
    assert compare(before, after, Statistic.P95) == compare(before, after, Statistic.P95)
    assert compare(before, after, Statistic.P95, seed=1) != compare(before, after, Statistic.P95)


@pytest.mark.parametrize(
    ("statistic", "few"),
    [(Statistic.MEDIAN, 1), (Statistic.P95, 19), (Statistic.P99, 99), (Statistic.MEAN, 0)],
)
def test_too_few_requests_give_no_figure(statistic: Statistic, few: int) -> None:
    enough, short = np.arange(1.0, 201), np.arange(1.0, few + 1)
    assert not statistic.supported(few)
    assert estimate([enough, short], statistic) is None
    assert compare([enough], [short], statistic) is None
    assert estimate([enough, enough[: few + 2]], statistic) is not None


def test_nothing_to_rest_on() -> None:
    one = np.array([3.0])
    assert estimate([], Statistic.MEAN) is None
    assert estimate([one], Statistic.MEAN) is None, "a single request in a single run"
    assert compare([one], [one], Statistic.MEAN) is None
    assert estimate([np.zeros(10)], Statistic.MEAN) is None, "zero has no logarithm"
    assert compare([np.ones(10)], [np.array([0.0] * 9 + [1.0])], Statistic.MEDIAN) is None
    two = estimate([one, one * 2], Statistic.MEAN)
    assert two is not None
    assert two.estimate == pytest.approx(3 * math.sqrt(2))
    assert two.low < two.estimate < two.high


POSITIVE = arrays.arrays(np.float64, st.integers(20, 60), elements=st.floats(0.1, 1e4))


@settings(deadline=None)
@given(POSITIVE, POSITIVE, st.sampled_from(STATISTICS))
def test_an_interval_holds_its_estimate_and_turns_with_the_sides(
    one: Floats, other: Floats, statistic: Statistic
) -> None:
    there = compare([one], [other], statistic, resamples=50)
    assert there is not None
    assert there.low <= there.estimate <= there.high
    assert there.estimate == pytest.approx(float(statistic.of(other) / statistic.of(one)))
    same = compare([one], [one], statistic, resamples=50)
    assert same is not None
    assert not same.significant


@settings(deadline=None)
@given(POSITIVE, st.sampled_from(STATISTICS), st.floats(0.01, 100))
def test_units_do_not_matter(values: Floats, statistic: Statistic, factor: float) -> None:
    one = estimate([values], statistic, resamples=50)
    scaled = estimate([values * factor], statistic, resamples=50)
    assert one is not None
    assert scaled is not None
    assert (scaled.estimate, scaled.low, scaled.high) == pytest.approx(
        (one.estimate * factor, one.low * factor, one.high * factor)
    )


@settings(deadline=None)
@given(POSITIVE, st.sampled_from([Statistic.MEDIAN, Statistic.P95]))
def test_percentiles_are_those_of_the_summary(values: Floats, statistic: Statistic) -> None:
    assert statistic.percentile is not None
    assert float(statistic.of(values)) == percentile(list(values), statistic.percentile)
    stacked = np.stack([values, values[::-1]])
    assert list(statistic.of(stacked)) == [statistic.of(values)] * 2
    assert list(statistic.of(stacked.T, axis=0)) == [statistic.of(values)] * 2


@pytest.mark.parametrize(
    ("freedom", "quantile"), [(1, 12.706), (2, 4.303), (4, 2.776), (9, 2.262), (30, 2.042), (1000, 1.962)]
)
def test_students_t_is_that_of_the_tables(freedom: float, quantile: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=2e-3)
    assert t_quantile(0.025, freedom) == pytest.approx(-quantile, abs=2e-3)


def test_a_block_bootstrap_sees_that_neighbours_are_alike() -> None:
    """Values that come in tens tell a tenth as much."""
    generator = np.random.default_rng(9)
    independent = generator.standard_normal(1000)

    def variance(values: Floats) -> float:
        spread = block_bootstrap(values, Statistic.MEAN.of, 400, generator)
        assert spread is not None
        return spread.variance

    assert variance(independent) == pytest.approx(1 / 1000, rel=0.4)
    assert variance(np.repeat(independent[:100], 10)) > 4 * variance(independent)


def test_many_requests_are_resampled_in_portions() -> None:
    many = np.random.default_rng(10).standard_normal(3_000_000)
    spread = block_bootstrap(many, Statistic.MEAN.of, 3, np.random.default_rng(0))
    assert spread is not None
    assert spread.variance < 1e-5


def test_spreads_of_independent_figures_add_up() -> None:
    total = Spread(1.0, 4.0) + Spread(1.0, 4.0)
    assert total == Spread(2.0, 8.0)
    assert Spread(0.0, 1.0) + Spread(0.0, 2.0) == Spread(0.0, 3.0)
