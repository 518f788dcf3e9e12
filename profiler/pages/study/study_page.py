"""study.html: a study's figures, charts and conditions on one page that needs nothing from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler import files
from profiler.findings import formats
from profiler.pages.base.page import Page, fill
from profiler.pages.study.curves import CurveChart, limit_charts
from profiler.pages.study.scatter import Scatter, scatter
from profiler.pages.study.study_facts import study_facts
from profiler.run.directory import address
from profiler.study.cell_figures import curves, grouped, study_figures
from profiler.study.interval_words import interval_text
from profiler.study.knee import find_knees
from profiler.study.pareto import tradeoff
from profiler.study.published import beside_text, published_rows
from profiler.study.sentences import group_sentences, knee_sentences, overload_note
from profiler.study.study_record import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.cells import Group, LimitSeries
    from profiler.study.knee import Knee
    from profiler.study.results import StudyResults

PAGE = Page("study/study.html.j2", ("chart/chart.css", "study/study.css"))


@dataclass(frozen=True, slots=True)
class FigureText:
    """A figure with its confidence interval, as a table shows it."""

    value: str
    interval: str


@dataclass(frozen=True, slots=True)
class PageRow:
    """A cell in the table."""

    name: str
    series: int
    link: str
    """Of its profiled run's report, from the page; empty without one."""
    figures: tuple[FigureText, ...]
    """CPU ms a request, of one core, p50, p95, throttled, spinning, requests."""
    notes: tuple[str, ...]
    on_front: bool


@dataclass(frozen=True, slots=True)
class PageGroup:
    """Cells that are to be compared: the same model, limit and load."""

    title: str
    sentences: tuple[str, ...]
    rows: tuple[PageRow, ...]
    chart: Scatter | None


@dataclass(frozen=True, slots=True)
class PageLimits:
    """A model under one load, against the limit."""

    title: str
    names: tuple[tuple[int, str], ...]
    """Series and label of each configuration."""
    charts: tuple[CurveChart, ...]


def write_page(results: StudyResults) -> None:
    """Write a study's page into its directory; `NotWrittenError` when it can't be written."""
    files.write(results.directory.page, render_page(results).encode())


def render_page(results: StudyResults) -> str:
    """Return a study's page."""
    rows = study_figures(results)
    lines = curves(rows)
    knees = find_knees(lines)
    series: dict[str, int] = {}
    for row in rows:
        series.setdefault(row.key.configuration, len(series))
    states = [run.state for run in results.record.schedule]
    return fill(
        PAGE,
        title=results.study.title or results.study.name,
        study=results.study,
        record=results.record,
        study_id=results.directory.study_id,
        groups=[_group(group, mine, series) for group, mine in grouped(rows).items()],
        limits=_limits(lines, knees, series),
        knees=knee_sentences(knees),
        published=published_rows(results.study, rows),
        beside_text=beside_text,
        left=sum(state in (State.PLANNED, State.RUNNING) for state in states),
        facts=study_facts(results),
        link=report_link,
    )


def _group(group: Group, rows: Sequence[CellFigures], series: dict[str, int]) -> PageGroup:
    front = {choice.row.key for choice in tradeoff(rows).front} if len(rows) > 1 else set()
    return PageGroup(
        group.words,
        tuple(group_sentences(rows)),
        tuple(_row(row, series, on_front=row.key in front) for row in rows),
        scatter(group.words, rows, series),
    )


def _row(row: CellFigures, series: dict[str, int], *, on_front: bool) -> PageRow:
    notes = [*filter(None, [row.cell.mixed]), *row.cell.failures]
    if row.overloaded:
        notes.append(overload_note(row))
    elif not row.repeats and not notes:
        notes.append("not run yet")
    return PageRow(
        row.key.configuration,
        series[row.key.configuration],
        report_link(row),
        (
            _text(row.cpu_ms),
            _plain(None if row.cpu_percent is None else f"{formats.number(row.cpu_percent)} %"),
            _text(row.p50_ms),
            _text(row.p95_ms),
            _plain(None if row.throttled_share is None else formats.percent(row.throttled_share)),
            _plain(None if row.spin_share is None else formats.percent(row.spin_share)),
            FigureText(f"{row.requests:,}", f"in {formats.count(row.repeats, 'run')}"),
        ),
        tuple(notes),
        on_front,
    )


def report_link(row: CellFigures) -> str:
    """Return the address of a cell's report from the study's page; empty without one."""
    run = row.cell.profiled
    return "" if run is None else f"runs/{address(run.run_id)}/{run.report.name}"


def _text(figure: Estimate | None) -> FigureText:
    return (
        FigureText(formats.NOTHING, "")
        if figure is None
        else FigureText(formats.number(figure.value), interval_text(figure))
    )


def _plain(text: str | None) -> FigureText:
    return FigureText(formats.NOTHING if text is None else text, "")


def _limits(
    lines: dict[LimitSeries, list[CellFigures]], knees: dict[LimitSeries, Knee | None], series: dict[str, int]
) -> list[PageLimits]:
    """Return the charts against the limit, one pair for each model and load with enough limits."""
    by_load: dict[Group, dict[LimitSeries, list[CellFigures]]] = {}
    for line, mine in lines.items():
        by_load.setdefault(line.unlimited, {})[line] = mine
    return [
        PageLimits(
            f"{load.what}, {load.load}",
            tuple((series[line.configuration], line.configuration) for line in mine),
            tuple(limit_charts(mine, knees, series)),
        )
        for load, mine in by_load.items()
    ]
