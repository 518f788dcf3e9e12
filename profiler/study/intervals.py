"""How sure a figure or a difference is: confidence intervals over repeats and over requests.

Two things make a figure uncertain: the requests of one run vary, and runs of the same thing vary (a
neighbour's load, another memory layout). Both are estimated, on the logarithm, where a ratio is a difference.

*Within* a run, a block bootstrap of its requests says how uncertain its figure is (`bootstrap.py`).

*Between* runs, it is Student's t on one figure a repeat: resampling five repeats would understate what five
values can't show. Repeat i of both sides ran in the same round, so their log ratio is free of what that
round did to both, and t is that of these log ratios (a paired test); where repeats were lost and the numbers
differ, Welch's.

The wider of both intervals is given: repeats can agree by chance, and their requests know better. Where there
is one run a side, what repeats of other things varied stands in (`variation.py`).
`tests/study/test_intervals.py` holds it to its level by simulation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

import numpy as np

from profiler.study.bootstrap import Spread, block_bootstrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.study.statistic import Statistic
    from profiler.study.variation import FigureVariation


LEVEL = 0.95
POWER = 0.9
"""Of true differences, how many are found: what `Ratio.smallest_found` is stated for."""
RESAMPLES = 400
"""For a standard error, 200 do (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", 6.4)."""
UNBOUNDED = 1e100
"""What is more is no more than this: figures a stranger wrote down have ratios, and these intervals, beyond
all numbers."""


class Uncertainty(Protocol):
    """How far a difference of logarithms may be from the truth."""

    def half_width(self, level: float) -> float:
        """Return half the width of a confidence interval."""

    def p_value(self, value: float) -> float:
        """Return how probable a difference at least as large is where there is none."""

    def smallest_found(self, level: float, power: float) -> float:
        """Return the true difference that a test at `level` finds with a probability of `power`."""


class Basis(str, Enum):
    """What an interval rests on."""

    REPEATS = "repeats"
    MACHINE = "requests of one run each, and how much repeats vary"
    """How much, repeats of other things say, or what is usual."""
    REQUESTS = "requests of one run each"
    """Whether another run would show the same, such an interval can't say."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval, in the values' unit."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as large a figure is afterwards, with its confidence interval."""

    estimate: float
    low: float
    high: float
    basis: Basis
    p: float
    """How probable a difference as large is where there is none."""
    smallest_found: float
    """The smallest true change, 0.1 for 10 %, that comparisons such as this one call significant in `POWER`
    of all cases."""

    @property
    def significant(self) -> bool:
        """Whether the interval excludes 1. That says nothing of the difference's size."""
        return not self.low <= 1.0 <= self.high


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's repeats, on the logarithm."""

    figures: Floats
    """One a repeat."""
    within: Spread | None
    """Of their mean, if nothing but requests varied; None where a run has too few."""

    @property
    def mean(self) -> float:
        return float(self.figures.mean())

    @property
    def between(self) -> Spread | None:
        """Return the mean's spread as repeats show it; None for one run."""
        return _mean_spread(self.figures)


def estimate(
    repeats: Sequence[Floats],
    statistic: Statistic,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval | None:
    """Return the geometric mean of a figure over repeats, with its interval.

    Each array holds the values of one repeat's requests, (n,), in their order. None where a repeat has too
    few for the figure, where the figure is not positive, or where there is nothing to rest an interval on.
    """
    side = _side(repeats, statistic, resamples, np.random.default_rng(seed))
    if side is None:
        return None
    spreads = [spread for spread in (side.within, side.between) if spread is not None]
    if not spreads:
        return None
    return Interval(*_around(side.mean, max(spread.half_width(level) for spread in spreads)))


def compare(
    before: Sequence[Floats],
    after: Sequence[Floats],
    statistic: Statistic,
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
    run: FigureVariation | None = None,
) -> Ratio | None:
    """Return the ratio of a figure, after to before, with its interval; arrays and None as in `estimate`.

    Repeats are paired by their place where both sides have as many. `run` is how much one run's figure
    varies, as repeats of other things show it: it stands in where a side has one run alone.
    """
    generator = np.random.default_rng(seed)
    side = _side(before, statistic, resamples, generator)
    other = _side(after, statistic, resamples, generator)
    if side is None or other is None:
        return None
    between: Uncertainty | None
    if len(side.figures) == len(other.figures):
        between = _mean_spread(other.figures - side.figures)
    else:
        between = _sum(side.between, other.between)
    basis = Basis.REPEATS
    if between is None:
        basis = Basis.REQUESTS if run is None else Basis.MACHINE
        between = None if run is None else run.of_ratio(len(before), len(after))
    spreads = [spread for spread in (_sum(side.within, other.within), between) if spread is not None]
    if not spreads:
        return None
    difference = other.mean - side.mean
    return Ratio(
        *_around(difference, max(spread.half_width(level) for spread in spreads)),
        basis,
        p=max(spread.p_value(difference) for spread in spreads),
        smallest_found=_exp(max(spread.smallest_found(level, POWER) for spread in spreads)) - 1,
    )


def _side(
    repeats: Sequence[Floats], statistic: Statistic, resamples: int, generator: np.random.Generator
) -> _Side | None:
    if not repeats or not all(statistic.supported(len(values)) for values in repeats):
        return None
    figures = np.array([statistic.of(values) for values in repeats])
    if not (figures > 0).all():
        return None

    def log_figure(values: Floats) -> Floats:
        # A resample of requests that cost nothing measurable must not be minus infinity.
        return np.log(np.maximum(statistic.of(values), np.finfo(float).tiny))

    spreads = [block_bootstrap(values, log_figure, resamples, generator) for values in repeats]
    known = [spread for spread in spreads if spread is not None]
    if len(known) < len(spreads):
        return _Side(np.log(figures), None)
    total = Spread(
        sum(spread.variance for spread in known) / len(known) ** 2, sum(spread.freedom for spread in known)
    )
    return _Side(np.log(figures), total)


def _mean_spread(figures: Floats) -> Spread | None:
    """Return the spread of the mean of independent figures; None for a single one."""
    count = len(figures)
    return Spread(float(figures.var(ddof=1)) / count, count - 1) if count > 1 else None


def _sum(spread: Spread | None, other: Spread | None) -> Spread | None:
    return None if spread is None or other is None else spread + other


def _around(log_estimate: float, half: float) -> tuple[float, float, float]:
    return _exp(log_estimate), _exp(log_estimate - half), _exp(log_estimate + half)


def _exp(logarithm: float) -> float:
    """Return what it is the logarithm of, `UNBOUNDED` at most."""
    return math.exp(min(logarithm, math.log(UNBOUNDED)))
