"""How much one run's figures vary from run to run on a machine, as its repeats show. Pure.

What a comparison of two single runs lacks: their requests say how sure each run's figure is, and nothing of
what the next run of the same thing would give.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.study.bootstrap import Spread
from profiler.study.intervals import Statistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiler.arrays import Floats
    from profiler.study.measured import Measured

LEAST_FREEDOM = 6
"""Degrees of freedom, repeats less groups, below which repeats here say less than what is usual."""


@dataclass(frozen=True, slots=True)
class RunVariation:
    """The spread of one run's figures, on the logarithm."""

    cpu: Spread
    """Of CPU time a request."""
    latency: Mapping[Statistic, Spread]
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


def _usual(deviation: float) -> Spread:
    return Spread(deviation**2, LEAST_FREEDOM)


USUAL = RunVariation(
    _usual(0.07),
    {
        Statistic.MEAN: _usual(0.1),
        Statistic.MEDIAN: _usual(0.1),
        Statistic.P95: _usual(0.2),
        Statistic.P99: _usual(0.3),
    },
)
"""Where a machine has no repeats to show: what `python -m benchmarks.differences` saw, rounded up
(docs/accuracy.md)."""


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


def _pooled(groups: Sequence[Sequence[float | None]]) -> Spread | None:
    squares, freedom = 0.0, 0
    for group in groups:
        figures = np.array([figure for figure in group if figure is not None and figure > 0])
        if len(figures) > 1:
            logs = np.log(figures)
            squares += float(((logs - logs.mean()) ** 2).sum())
            freedom += len(figures) - 1
    return Spread(squares / freedom, freedom) if freedom >= LEAST_FREEDOM else None
