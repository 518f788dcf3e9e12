"""reports/index.html: tables of all studies and runs. Broken and foreign ones get a row that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from profiler import files, runs
from profiler.errors import UsageError
from profiler.report import formats
from profiler.report.page import INDEX_SCRIPTS, fill

if TYPE_CHECKING:
    from pathlib import Path

INDEX = "index.html"


class _Latency(msgspec.Struct, frozen=True):
    p95: float | None = None


class _Measured(msgspec.Struct, frozen=True):
    cpu_ms_per_request: float | None = None
    cpu_percent: float | None = None
    latency_ms: _Latency = _Latency()


class _Cpu(msgspec.Struct, frozen=True):
    total_ms: float = 0.0
    by_category: dict[str, float] = {}


class _SpinWindow(msgspec.Struct, frozen=True):
    p50: float | None = None


class _Config(msgspec.Struct, frozen=True):
    label: str


class _Workload(msgspec.Struct, frozen=True):
    model: str


class _Limit(msgspec.Struct, frozen=True):
    cpus: float


class _Summary(msgspec.Struct, frozen=True):
    """What the table needs of summary.json; sections that are unavailable hold none of it."""

    config: _Config
    workload: _Workload
    created: str
    complete: bool
    limit: _Limit | None = None
    measured: _Measured = _Measured()
    cpu: _Cpu = _Cpu()
    spin_window_ms: _SpinWindow = _SpinWindow()


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
class Figure:
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
    limit: str
    created: str
    complete: bool
    figures: tuple[Figure, ...]
    """CPU ms a request, CPU percent, p95, spin share, spin window."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A run directory that can't be read."""

    run_id: str
    why: str


def write_index(reports: Path) -> Path:
    """Write `index.html` into a reports folder and return its path; `MachineError` when that fails."""
    path = reports / INDEX
    files.write(path, render_index(reports).encode("utf-8", "replace"))
    return path


def render_index(reports: Path) -> str:
    """Return the page for the runs in a reports folder, the latest first."""
    rows = [index_row(run) for run in reversed(runs.list_runs(reports))]
    studies = [study_row(path) for path in reversed(runs.list_studies(reports))]
    return fill(
        "index.html.j2",
        INDEX_SCRIPTS,
        studies=[row for row in studies if isinstance(row, StudyRow)],
        rows=[row for row in rows if isinstance(row, IndexRow)],
        broken=[row for row in (*studies, *rows) if isinstance(row, BrokenRow)],
    )


def study_row(path: Path) -> StudyRow | BrokenRow:
    """Return a study's row from its study.json."""
    try:
        record = msgspec.convert(files.read_json(path / runs.STUDY_MANIFEST), _StudyRecord)
    except (UsageError, msgspec.ValidationError, RecursionError) as error:
        return BrokenRow(path.name, str(error))
    page = path / runs.STUDY_PAGE
    return StudyRow(
        path.name,
        f"{quote(path.name)}/{page.name}" if page.is_file() else "",
        record.study.title or record.study.name,
        record.created,
        sum(run.state == "done" for run in record.schedule),
        len(record.schedule),
    )


def index_row(run: runs.RunDirectory) -> IndexRow | BrokenRow:
    """Return a run's row from its summary."""
    if not run.summary.is_file():
        return BrokenRow(run.run_id, "not analysed yet: ortprof report makes its report")
    try:
        summary = msgspec.convert(files.read_json(run.summary), _Summary)
    except (UsageError, msgspec.ValidationError, RecursionError) as error:
        return BrokenRow(run.run_id, str(error))
    measured = summary.measured
    spin = summary.cpu.by_category.get("spin", 0.0) / summary.cpu.total_ms if summary.cpu.total_ms else None
    return IndexRow(
        run.run_id,
        f"{quote(run.run_id)}/{run.report.name}" if run.report.is_file() else "",
        summary.config.label,
        summary.workload.model,
        f"{summary.limit.cpus:g} CPU" if summary.limit else "none",
        summary.created,
        summary.complete,
        (
            _figure(measured.cpu_ms_per_request, formats.number),
            _figure(measured.cpu_percent, lambda value: f"{value:.1f} %"),
            _figure(measured.latency_ms.p95, formats.ms),
            _figure(spin, formats.percent),
            _figure(summary.spin_window_ms.p50, formats.ms),
        ),
    )


def _figure(value: float | None, text: Any) -> Figure:
    return Figure(-1.0, formats.NOTHING) if value is None else Figure(value, text(value))
