"""What a study's page, its table and its JSON say of each cell: figures with their confidence intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.study.intervals import Interval, estimate
from profiler.study.results import FEWEST_LIMITS, looseness
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Floats
    from profiler.study.cells import CellKey, Group, LimitSeries
    from profiler.study.measured import Measured
    from profiler.study.results import Cell, StudyResults


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over a cell's repeats."""

    value: float
    interval: tuple[float, float] | None
    """Of 95 % confidence; None where each repeat alone holds too few requests to say."""


@dataclass(frozen=True, slots=True)
class CellFigures:
    """A cell in figures; None stands for what is not known."""

    cell: Cell
    repeats: int
    requests: int
    """Over all repeats."""
    unserved: int
    """Requests that were due and never started: the cell is overloaded."""
    cpu_ms: Estimate | None
    """CPU time a request."""
    cpu_percent: float | None
    """Of one core."""
    mean_ms: Estimate | None
    p50_ms: Estimate | None
    p95_ms: Estimate | None
    throttled_share: float | None
    """Of the limit's periods; None without a limit."""
    spin_share: float | None
    """Of the CPU time in the profiled run."""
    neighbour_share: float | None
    """What a neighbour got done, of what it gets done beside the idle service (mean); None without one."""

    @property
    def key(self) -> CellKey:
        """What tells the cell from the others."""
        return self.cell.key

    @property
    def overloaded(self) -> bool:
        """Whether requests came faster than they were served; latency then grows with the time measured."""
        return self.unserved > 0


def study_figures(results: StudyResults) -> list[CellFigures]:
    """Return the figures of each cell, in the study's order."""
    return [cell_figures(cell) for cell in results.cells]


def grouped(rows: Sequence[CellFigures]) -> dict[Group, list[CellFigures]]:
    """Return the rows by what they have in common beside the configuration, in the study's order."""
    groups: dict[Group, list[CellFigures]] = {}
    for row in rows:
        groups.setdefault(row.key.group, []).append(row)
    return groups


def curves(rows: Sequence[CellFigures]) -> dict[LimitSeries, list[CellFigures]]:
    """Return the rows that differ in their limit alone, the tightest first, where there are enough limits."""
    lines: dict[LimitSeries, list[CellFigures]] = {}
    for row in rows:
        lines.setdefault(row.key.line, []).append(row)
    return {
        line: sorted(mine, key=lambda row: looseness(row.cell))
        for line, mine in lines.items()
        if len(mine) >= FEWEST_LIMITS
    }


def cell_figures(cell: Cell) -> CellFigures:
    """Return one cell's figures."""
    measured = cell.measured
    latencies = [run.latency_ms for run in measured]
    seconds = sum(run.seconds for run in measured)
    cpu_ms = sum(run.cpu_percent * run.seconds for run in measured)
    return CellFigures(
        cell=cell,
        repeats=len(measured),
        requests=sum(len(run.latency_ms) for run in measured),
        unserved=sum(run.unserved for run in measured),
        cpu_ms=figure([run.cpu_ms for run in measured], Statistic.MEAN),
        cpu_percent=cpu_ms / seconds if seconds else None,
        mean_ms=figure(latencies, Statistic.MEAN),
        p50_ms=figure(latencies, Statistic.MEDIAN),
        p95_ms=figure(latencies, Statistic.P95),
        throttled_share=_throttled_share(measured),
        spin_share=_spin_share(cell),
        neighbour_share=_neighbour_share(measured),
    )


def figure(repeats: Sequence[Floats], statistic: Statistic) -> Estimate | None:
    """Return a figure over repeats; where none alone is enough to state it, that of all requests together."""
    interval: Interval | None = estimate(repeats, statistic)
    if interval is not None:
        return Estimate(interval.estimate, (interval.low, interval.high))
    pooled = np.concatenate(repeats) if repeats else np.empty(0)
    return Estimate(float(statistic.of(pooled)), None) if statistic.supported(len(pooled)) else None


def _throttled_share(measured: Sequence[Measured]) -> float | None:
    limited = [run.throttled for run in measured if run.throttled is not None]
    periods = sum(throttling.periods for throttling in limited)
    return sum(throttling.throttled_periods for throttling in limited) / periods if periods else None


def _neighbour_share(measured: Sequence[Measured]) -> float | None:
    shares = [run.neighbour_share for run in measured if run.neighbour_share is not None]
    return float(np.mean(shares)) if shares else None


def _spin_share(cell: Cell) -> float | None:
    return None if cell.summary is None else cell.summary.spin_share
