"""Cells that differ in configuration and machine type alone: the best on each, and one for all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.run.summary import available
from profiler.study.advise.candidates import Standing, candidate
from profiler.study.advise.recommendation import cpu_ratio
from profiler.study.cell_figures import grouped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.study.cell_figures import CellFigures
    from profiler.study.cells import Group

HOUR_MS = 3.6e6
MILLION = 1e6


@dataclass(frozen=True, slots=True)
class OnMachine:
    """What a study found on one machine type."""

    name: str
    words: str
    cpus: int
    rows: tuple[CellFigures, ...]
    link: str = ""
    """Of the study's page there; empty without one."""
    price: float | None = None
    """Of the whole machine for an hour, in whatever money."""

    def cost(self, row: CellFigures) -> float | None:
        """Return what a million requests cost where requests keep all its CPUs busy; None without a price."""
        if self.price is None or row.cpu_ms is None:
            return None
        return row.cpu_ms.value * MILLION / HOUR_MS / self.cpus * self.price


@dataclass(frozen=True, slots=True)
class Gain:
    """What a machine type would gain by its own best configuration instead of the common one."""

    share: float
    """Of its CPU time a request."""
    sure: bool
    """Whether that is more than chance, at 95 %."""


@dataclass(frozen=True, slots=True)
class Across:
    """One model, limit and load on all machine types."""

    group: Group
    labels: tuple[str, ...]
    """The configurations, in the study's order."""
    rows: Mapping[tuple[str, str], CellFigures]
    """By configuration and machine type."""
    best: Mapping[str, CellFigures]
    """By machine type: the least CPU time a request of what may be chosen there; left out without any."""
    common: str | None
    """The configuration that may be chosen on all machine types, and costs least over them; None for none."""
    gains: Mapping[str, Gain]
    """By machine type whose best is another than the common one."""

    @property
    def differs(self) -> bool:
        """Whether machine types have different best configurations."""
        return len({row.key.configuration for row in self.best.values()}) > 1


def across(machines: Sequence[OnMachine], target_ms: float | None = None) -> list[Across]:
    """Return what a study's groups are on each machine type, in the study's order.

    With a target, only what surely has a p95 at or below it may be chosen; never what was overloaded. The
    common configuration has the least sum of CPU time a request, relative to the best of each machine type.
    """
    groups: dict[Group, dict[tuple[str, str], CellFigures]] = {}
    for machine in machines:
        for group, rows in grouped(machine.rows).items():
            groups.setdefault(group, {}).update({(row.key.configuration, machine.name): row for row in rows})
    return [_across(group, rows, machines, target_ms) for group, rows in groups.items()]


def _across(
    group: Group,
    rows: dict[tuple[str, str], CellFigures],
    machines: Sequence[OnMachine],
    target_ms: float | None,
) -> Across:
    labels = tuple(dict.fromkeys(label for label, _ in rows))
    names = [machine.name for machine in machines if any(name == machine.name for _, name in rows)]
    fit = {place: _cpu(row) for place, row in rows.items() if _may_be_chosen(row, target_ms)}
    best = {}
    for name in names:
        here = [label for label in labels if (label, name) in fit]
        if here:
            best[name] = rows[min(here, key=lambda label: fit[label, name]), name]
    everywhere = [label for label in labels if all((label, name) in fit for name in names)]
    common = min(
        everywhere,
        key=lambda label: sum(fit[label, name] / _cpu(best[name]) for name in names),
        default=None,
    )
    gains = {}
    for name, own in best.items():
        if common is not None and own.key.configuration != common:
            ratio = cpu_ratio(rows[common, name].cell, own.cell)
            share = 1 - _cpu(own) / _cpu(rows[common, name])
            gains[name] = Gain(share, sure=ratio is not None and ratio.significant)
    return Across(group, labels, rows, best, common, gains)


def _cpu(row: CellFigures) -> float:
    return row.cpu_ms.value if row.cpu_ms is not None else float("inf")


def _may_be_chosen(row: CellFigures, target_ms: float | None) -> bool:
    if row.cpu_ms is None or row.overloaded or not row.cpu_ms.value:
        return False
    usable = None if target_ms is None else candidate(row.cell)
    return target_ms is None or (usable is not None and usable.standing(target_ms) is Standing.MEETS)


def spin_window_ms(row: CellFigures) -> float | None:
    """Return how long the pool polled after a request (median) in the profiled run; None where unknown."""
    window = None if row.cell.summary is None else available(row.cell.summary.spin_window_ms)
    return None if window is None else window.p50
