"""reports/index.html and pages before it: tables of studies and runs. Broken ones get a row that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.findings import formats
from profiler.pages.base.page import Page, fill
from profiler.pages.index.index_pages import INDEX, divided, is_current, surplus
from profiler.run import runs
from profiler.run.directory import STUDY_MANIFEST, STUDY_PAGE, RunDirectory
from profiler.run.summary import available, read_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.pages.index.index_pages import IndexPage

PAGE = Page("index/index.html.j2", ("index/index.css",), "index/bundle.js")


class _Study(msgspec.Struct, frozen=True):
    name: str
    title: str = ""


class _Scheduled(msgspec.Struct, frozen=True):
    state: str


class _StudyRecord(msgspec.Struct, frozen=True):
    """What the list of studies needs of study.json."""

    study: _Study
    created: str
    schedule: list[_Scheduled]


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study."""

    study_id: str
    link: str
    """Relative address of its page, empty without one."""
    title: str
    created: str
    done: int
    runs: int


@dataclass(frozen=True, slots=True)
class SortedFigure:
    """A number as it sorts and as it is shown; without one it sorts last."""

    value: float
    text: str


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One run."""

    run_id: str
    link: str
    """Relative address of the report, empty without one."""
    configuration: str
    model: str
    runtime: str
    """ONNX Runtime's version and build."""
    limit: str
    created: str
    complete: bool
    figures: tuple[SortedFigure, ...]
    """CPU ms a request, CPU percent, p95, spin share, spin window."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A run directory that can't be read."""

    run_id: str
    why: str


def write_index(reports: Path) -> Path:
    """Write a reports folder's list and return the path of its last page, `index.html`.

    Only what has changed is written, and read: the latest few hundred runs, however many there are.
    `NotWrittenError` when that fails.
    """
    pages = divided(runs.list_entries(reports))
    for page in pages:
        path = reports / page.name
        if not is_current(path, page):
            files.write(path, render_page(reports, page, pages).encode())
    for path in surplus(reports, len(pages)):
        path.unlink(missing_ok=True)
    return reports / INDEX


def render_page(reports: Path, page: IndexPage, pages: Sequence[IndexPage]) -> str:
    """Return one page of a reports folder's list, the latest entries first."""
    rows = [
        study_row(reports / entry.name) if entry.is_study else index_row(RunDirectory(reports / entry.name))
        for entry in reversed(page.entries)
    ]
    return fill(
        PAGE,
        part=page,
        # A full page is not written again for a new one, so that only the last knows of all.
        pages=pages if page.number == page.of else (),
        studies=[row for row in rows if isinstance(row, StudyRow)],
        rows=[row for row in rows if isinstance(row, IndexRow)],
        broken=[row for row in rows if isinstance(row, BrokenRow)],
    )


def study_row(path: Path) -> StudyRow | BrokenRow:
    """Return a study's row from its study.json."""
    try:
        record = msgspec.convert(files.read_json(path / STUDY_MANIFEST), _StudyRecord)
    except (UsageError, msgspec.ValidationError, RecursionError) as error:
        return BrokenRow(path.name, str(error))
    page = path / STUDY_PAGE
    return StudyRow(
        path.name,
        f"{quote(path.name)}/{page.name}" if page.is_file() else "",
        record.study.title or record.study.name,
        record.created,
        sum(run.state == "done" for run in record.schedule),
        sum(run.state != "elsewhere" for run in record.schedule),
    )


def index_row(run: RunDirectory) -> IndexRow | BrokenRow:
    """Return a run's row from its summary."""
    try:
        summary = read_summary(run)
    except UsageError as error:
        return BrokenRow(run.run_id, f"{error.message}: {error.hint}" if error.hint else error.message)
    measured, window = available(summary.measured), available(summary.spin_window_ms)
    return IndexRow(
        run.run_id,
        f"{quote(run.run_id)}/{run.report.name}" if run.report.is_file() else "",
        summary.title,
        summary.model,
        summary.runtime,
        f"{summary.limit.cpus:g} CPU" if summary.limit is not None else "none",
        summary.created,
        summary.complete,
        (
            _figure(measured.cpu_ms_per_request if measured else None, formats.number),
            _figure(measured.cpu_percent if measured else None, lambda value: f"{value:.1f} %"),
            _figure(measured.latency_ms.p95 if measured else None, formats.ms),
            _figure(summary.spin_share, formats.percent),
            _figure(window.p50 if window else None, formats.ms),
        ),
    )


def _figure(value: float | None, text: Callable[[float], str]) -> SortedFigure:
    return SortedFigure(-1.0, formats.NOTHING) if value is None else SortedFigure(value, text(value))
