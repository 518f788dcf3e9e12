"""The knee of latency against the CPU limit: the smallest limit that costs hardly any latency.

It is the smallest limit from which on, at each limit measured, the figure is at most 20 % more than at the
loosest limit (none, or the largest). "Surely" when the confidence interval of that ratio says so as well.

Geometric definitions, such as the largest distance from the chord (Kneedle; Satopää, Albrecht, Irwin and
Raghavan 2011, "Finding a 'Kneedle' in a Haystack"), find where a curve bends most on the axes that it is
drawn on; this one finds what a service owner would accept, and can be said in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.study.intervals import Ratio, compare
from profiler.study.results import FEWEST_LIMITS, looseness, paired
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.spec.limit import Limit
    from profiler.study.cell_figures import CellFigures
    from profiler.study.cells import LimitSeries
    from profiler.study.results import Cell

TOLERANCE = 0.2
"""More latency than this, as a share, is past the knee."""


@dataclass(frozen=True, slots=True)
class Step:
    """One limit against the loosest."""

    limit: Limit | None
    ratio: Ratio | None
    """Latency over that at the loosest limit; None where it can't be said, as when overloaded."""

    @property
    def within(self) -> bool:
        """Whether it costs no more latency than is tolerated, by the estimate."""
        return self.ratio is not None and self.ratio.estimate <= 1 + TOLERANCE

    @property
    def surely_within(self) -> bool:
        """Whether the confidence interval says so too."""
        return self.ratio is not None and self.ratio.high <= 1 + TOLERANCE

    @property
    def surely_beyond(self) -> bool:
        """Whether it surely costs more; a limit at which nothing can be said was overloaded."""
        return self.ratio is None or self.ratio.low > 1 + TOLERANCE


@dataclass(frozen=True, slots=True)
class Knee:
    """Where latency begins to rise as the limit tightens."""

    statistic: Statistic
    reference: Limit | None
    """The loosest limit, which the others are held against."""
    at: Step
    """The smallest limit that is not past the knee."""
    below: Step | None
    """The next smaller one that was measured; None when even the smallest is not past it."""

    @property
    def sure(self) -> bool:
        """Whether the confidence intervals agree on both sides of the knee."""
        settled = self.at.limit == self.reference or self.at.surely_within
        return settled and (self.below is None or self.below.surely_beyond)


def find_knees(lines: Mapping[LimitSeries, Sequence[CellFigures]]) -> dict[LimitSeries, Knee | None]:
    """Return the knee of each line of cells that differ in their limits alone."""
    return {line: find_knee([row.cell for row in rows]) for line, rows in lines.items()}


def find_knee(cells: Sequence[Cell]) -> Knee | None:
    """Return the knee of one configuration under one load; `cells` differ in their limits alone.

    By p95, or by the median where some limit has too few requests for p95. None with fewer than four
    limits, or where the loosest limit itself is overloaded or was not measured.
    """
    if len(cells) < FEWEST_LIMITS:
        return None
    ordered = sorted(cells, key=looseness, reverse=True)
    statistic = _statistic(ordered)
    loosest = ordered[0]
    if statistic is None or _overloaded(loosest):
        return None
    steps = [Step(cell.key.limit, _ratio(loosest, cell, statistic)) for cell in ordered[1:]]
    at = Step(loosest.key.limit, None)
    for step in steps:
        if not step.within:
            return Knee(statistic, loosest.key.limit, at, step)
        at = step
    return Knee(statistic, loosest.key.limit, at, None)


def _overloaded(cell: Cell) -> bool:
    return not cell.measured or any(run.unserved for run in cell.measured)


def _statistic(cells: Sequence[Cell]) -> Statistic | None:
    fewest = min(
        (len(run.latency_ms) for cell in cells if not _overloaded(cell) for run in cell.measured), default=0
    )
    return next((wanted for wanted in (Statistic.P95, Statistic.MEDIAN) if wanted.supported(fewest)), None)


def _ratio(loosest: Cell, cell: Cell, statistic: Statistic) -> Ratio | None:
    """Return the cell's latency over the loosest one's."""
    if _overloaded(cell):
        return None
    before, after = paired(loosest, cell)
    return compare([run.latency_ms for run in before], [run.latency_ms for run in after], statistic)
