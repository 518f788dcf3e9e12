"""reports/index.html: tables of studies, trials and runs. Broken and foreign ones get a row that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.findings import formats
from profiler.pages.base.page import Page, fill
from profiler.run import runs
from profiler.run.directory import STUDY_MANIFEST, STUDY_PAGE, TRIAL_MANIFEST, TRIAL_PAGE, RunDirectory
from profiler.run.summary import available, read_summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDEX = "index.html"
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


class _Asked(msgspec.Struct, frozen=True):
    command: list[str]


class _TrialRecord(msgspec.Struct, frozen=True):
    """What the list of trials needs of trial.json."""

    asked: _Asked
    created: str
    runs: list[object]


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One trial."""

    link: str
    """Relative address of its page, empty without one."""
    title: str
    created: str
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
    """Write `index.html` into a reports folder and return its path; `NotWrittenError` when that fails."""
    path = reports / INDEX
    files.write(path, render_index(reports).encode())
    return path


def render_index(reports: Path) -> str:
    """Return the page for the runs in a reports folder, the latest first."""
    rows = [index_row(run) for run in reversed(runs.list_runs(reports))]
    studies = [study_row(path) for path in reversed(runs.list_studies(reports))]
    trials = [trial_row(path) for path in reversed(runs.list_trials(reports))]
    return fill(
        PAGE,
        trials=[row for row in trials if isinstance(row, TrialRow)],
        studies=[row for row in studies if isinstance(row, StudyRow)],
        rows=[row for row in rows if isinstance(row, IndexRow)],
        broken=[row for row in (*studies, *trials, *rows) if isinstance(row, BrokenRow)],
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


def trial_row(path: Path) -> TrialRow | BrokenRow:
    """Return a trial's row from its trial.json."""
    try:
        record = msgspec.convert(files.read_json(path / TRIAL_MANIFEST), _TrialRecord)
    except (UsageError, msgspec.ValidationError, RecursionError) as error:
        return BrokenRow(path.name, str(error))
    page = path / TRIAL_PAGE
    program = record.asked.command[0].rpartition("/")[2] if record.asked.command else path.name
    return TrialRow(
        f"{quote(path.name)}/{page.name}" if page.is_file() else "",
        program,
        record.created,
        len(record.runs),
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
