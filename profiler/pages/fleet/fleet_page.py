"""fleet.html: configurations against machine types, on one page that needs nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.pages.base.page import Page, fill
from profiler.study.interval_words import interval_text
from profiler.study.machines.across import across, spin_window_ms
from profiler.study.machines.machine_sentences import machine_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.machines.across import Across, OnMachine

PAGE = Page("fleet/fleet.html.j2", ("study/study.css", "fleet/fleet.css"))


@dataclass(frozen=True, slots=True)
class CellText:
    """A figure on a machine type."""

    value: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One figure: a row a configuration, a column a machine type."""

    title: str
    rows: tuple[tuple[str, tuple[CellText, ...]], ...]


@dataclass(frozen=True, slots=True)
class FleetGroup:
    """One model, limit and load."""

    title: str
    sentences: tuple[str, ...]
    tables: tuple[FigureTable, ...]


def render_fleet(
    title: str, fleet_id: str, machines: Sequence[OnMachine], facts: Sequence[tuple[str, str]]
) -> str:
    """Return the page of a fleet's study; `facts` are its conditions as (label, text)."""
    return fill(
        PAGE,
        title=title,
        fleet_id=fleet_id,
        machines=machines,
        groups=[_group(group, machines) for group in across(machines)],
        facts=facts,
    )


def _group(compared: Across, machines: Sequence[OnMachine]) -> FleetGroup:
    tables = [
        _table("CPU ms a request", compared, machines, lambda row, _: _estimate(row.cpu_ms), marked=True),
        _table("p95 ms", compared, machines, lambda row, _: _estimate(row.p95_ms)),
        _table("spin window, median ms", compared, machines, lambda row, _: _number(spin_window_ms(row))),
    ]
    if any(machine.price is not None for machine in machines):
        title = "cost of a million requests"
        tables.append(_table(title, compared, machines, lambda row, machine: _number(machine.cost(row))))
    return FleetGroup(compared.group.words, tuple(machine_sentences(compared, machines)), tuple(tables))


def _table(
    title: str,
    compared: Across,
    machines: Sequence[OnMachine],
    text: Callable[[CellFigures, OnMachine], tuple[str, str]],
    *,
    marked: bool = False,
) -> FigureTable:
    def cell(label: str, machine: OnMachine) -> CellText:
        row = compared.rows.get((label, machine.name))
        if row is None:
            return CellText(formats.NOTHING)
        best = compared.best.get(machine.name)
        return CellText(*text(row, machine), best=marked and row is best)

    rows = ((label, tuple(cell(label, machine) for machine in machines)) for label in compared.labels)
    return FigureTable(title, tuple(rows))


def _estimate(figure: Estimate | None) -> tuple[str, str]:
    return (formats.NOTHING, "") if figure is None else (formats.number(figure.value), interval_text(figure))


def _number(value: float | None) -> tuple[str, str]:
    return (formats.NOTHING if value is None else formats.number(value), "")
