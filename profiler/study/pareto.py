"""CPU time against latency: which configurations nobody should overlook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.cell_figures import CellFigures, Estimate


@dataclass(frozen=True, slots=True)
class Choice:
    """One configuration of a group, with both of its costs."""

    row: CellFigures
    cpu_ms: Estimate
    latency_ms: Estimate
    on_front: bool
    """No other choice is better in one cost and no worse in the other."""


@dataclass(frozen=True, slots=True)
class Tradeoff:
    """A group's choices."""

    statistic: Statistic
    """Which latency: p95, or the median where some configuration has too few requests for that."""
    choices: tuple[Choice, ...]
    """In the study's order; overloaded ones are never on the front."""

    @property
    def front(self) -> list[Choice]:
        """The choices on the front, the cheapest first."""
        chosen = [choice for choice in self.choices if choice.on_front]
        return sorted(chosen, key=lambda choice: choice.cpu_ms.value)


def tradeoff(rows: Sequence[CellFigures]) -> Tradeoff:
    """Return the choices among configurations under the same load and limit."""
    known = [row for row in rows if row.cpu_ms is not None and row.p50_ms is not None]
    judged = [row for row in known if not row.overloaded] or known
    statistic = Statistic.P95 if all(row.p95_ms for row in judged) else Statistic.MEDIAN
    costs = []
    for row in known:
        latency = row.p95_ms if statistic is Statistic.P95 else row.p50_ms
        if row.cpu_ms is not None and latency is not None:
            costs.append((row, row.cpu_ms, latency))
    able = [cost for cost in costs if not cost[0].overloaded]
    front = pareto_front([(cpu.value, latency.value) for _, cpu, latency in able])
    chosen = {id(able[position][0]) for position in front}
    return Tradeoff(
        statistic, tuple(Choice(row, cpu, latency, id(row) in chosen) for row, cpu, latency in costs)
    )


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the points that no other dominates, by their first cost; less is better.

    One dominates another when it is no worse in either cost and better in one (Pareto). Points that are
    equal in both are all on the front.
    """
    front: list[int] = []
    least = float("inf")
    for position in sorted(range(len(points)), key=lambda position: points[position]):
        second = points[position][1]
        if second < least or (front and points[position] == points[front[-1]]):
            front.append(position)
            least = min(least, second)
    return front
