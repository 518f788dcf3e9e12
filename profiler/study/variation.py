"""How much one run's figures vary from run to run on a machine, as its repeats show. Pure.

What a comparison of two single runs lacks: their requests say how sure each run's figure is, and nothing of
what the next run of the same thing would give.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from profiler.study.bootstrap import Spread
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiler.arrays import Floats
    from profiler.study.measured import Measured

LEAST_FREEDOM = 6
"""Degrees of freedom, repeats less groups, below which repeats here say less than what is usual."""
LEAST_PAIRS = 79
"""Pairs of repeats from which on their own distribution tells: at 2.5 %, two of them lie beyond."""


@dataclass(frozen=True, slots=True)
class FigureVariation:
    """How much one figure varies from run to run, on the logarithm."""

    run: Spread
    """Of one run's figure."""
    pairs: tuple[float, ...] = ()
    """(n,) sizes of the differences between any two repeats, ascending: runs that were disturbed make their
    distribution wider than a normal one."""

    def of_ratio(self, before: int, after: int) -> RatioVariation:
        """Return the uncertainty of a ratio between the means of so many runs."""
        mean = Spread(self.run.variance * (1 / before + 1 / after), self.run.freedom)
        return RatioVariation(mean, self.pairs)


@dataclass(frozen=True, slots=True)
class RatioVariation:
    """An `Uncertainty`: the wider of Student's t and what two repeats differed by, where there are many."""

    spread: Spread
    pairs: tuple[float, ...]

    def half_width(self, level: float) -> float:
        """Return half the width of a confidence interval: few pairs of repeats differ by more."""
        if len(self.pairs) < LEAST_PAIRS:
            return self.spread.half_width(level)
        rank = min(len(self.pairs), math.ceil(level * (len(self.pairs) + 1)))
        return max(self.pairs[rank - 1], self.spread.half_width(level))

    def p_value(self, value: float) -> float:
        """Return how probable a difference at least as large is between repeats.

        Of pairs seen, the share that differs as much, this one counted among them (Phipson and Smyth 2010,
        "Permutation p-values should never be zero").
        """
        by_t = self.spread.p_value(value)
        if len(self.pairs) < LEAST_PAIRS:
            return by_t
        larger = len(self.pairs) - bisect_left(self.pairs, abs(value))
        return max(by_t, (larger + 1) / (len(self.pairs) + 1))

    def smallest_found(self, level: float, power: float) -> float:
        """Return the true difference that is found with a probability of `power`."""
        beyond = self.spread.smallest_found(level, power) - self.spread.half_width(level)
        return self.half_width(level) + beyond


@dataclass(frozen=True, slots=True)
class RunVariation:
    """How much the figures of one run vary."""

    cpu: FigureVariation
    """Of CPU time a request."""
    latency: Mapping[Statistic, FigureVariation]
    runs: int = 0
    """Repeats that it was seen in; 0 for what is usual."""
    groups: int = 0
    """How many different things these were repeats of."""

    @property
    def words(self) -> str:
        """Where it comes from."""
        if not self.runs:
            return "as much as is usual (docs/comparing.md): there are no repeats of this machine to tell"
        return f"as much as {self.runs} repeats of {self.groups} things did on this machine"


def _usual(deviation: float) -> FigureVariation:
    return FigureVariation(Spread(deviation**2, LEAST_FREEDOM))


USUAL = RunVariation(
    _usual(0.12),
    {
        Statistic.MEAN: _usual(0.4),
        Statistic.MEDIAN: _usual(0.4),
        Statistic.P95: _usual(0.6),
        Statistic.P99: _usual(0.7),
    },
)
"""Where a machine has no repeats to show: what repeats on a busy machine varied by, rounded up
(docs/accuracy.md), so that only what is large is called a difference."""


def run_variation(groups: Iterable[Sequence[Measured]]) -> RunVariation:
    """Return the variation within groups of repeats, pooled; `USUAL` where there are too few.

    The pooled variance of one-way analysis of variance: sums of squares over sums of degrees of freedom
    (Montgomery, Design and Analysis of Experiments, section 3.3).
    """
    repeated = [group for group in groups if len(group) > 1]
    cpu = _pooled([[run.cpu_ms_per_request for run in group] for group in repeated])
    if cpu is None:
        return USUAL
    latency = {}
    for statistic in Statistic:
        seen = _pooled([[_figure(run.latency_ms, statistic) for run in group] for group in repeated])
        latency[statistic] = seen or USUAL.latency[statistic]
    return RunVariation(cpu, latency, runs=sum(map(len, repeated)), groups=len(repeated))


def _figure(latency_ms: Floats, statistic: Statistic) -> float | None:
    return float(statistic.of(latency_ms)) if statistic.supported(len(latency_ms)) else None


def _pooled(groups: Sequence[Sequence[float | None]]) -> FigureVariation | None:
    squares, freedom = 0.0, 0
    pairs: list[float] = []
    for group in groups:
        logs = np.log([figure for figure in group if figure is not None and figure > 0])
        if len(logs) > 1:
            squares += float(((logs - logs.mean()) ** 2).sum())
            freedom += len(logs) - 1
            pairs += [abs(one - other) for one, other in combinations(logs.tolist(), 2)]
    if freedom < LEAST_FREEDOM:
        return None
    return FigureVariation(Spread(squares / freedom, freedom), tuple(sorted(pairs)))
