"""Rows of the list of runs: a run, a study, a trial, or why one can't be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.findings import formats
from profiler.run.directory import (
    FLEET_MANIFEST,
    FLEET_PAGE,
    STUDY_MANIFEST,
    STUDY_PAGE,
    TRIAL_MANIFEST,
    TRIAL_PAGE,
    RunDirectory,
    address,
)
from profiler.run.program_name import program_name
from profiler.run.runs import EntryKind
from profiler.run.summary import available, read_summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Record = TypeVar("Record", bound=msgspec.Struct)


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
    """One study, or one over machine types."""

    link: str
    """Relative address of its page, empty without one."""
    title: str
    created: str
    done: str
    """`3 of 4`; of a fleet, `on 2 machine types`."""


class _FleetRecord(msgspec.Struct, frozen=True):
    """What the list of studies needs of fleet.json."""

    study: _Study
    created: str
    machines: list[object] = []


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


def row_of(path: Path, kind: EntryKind) -> IndexRow | StudyRow | TrialRow | BrokenRow:
    """Return the row of whatever is listed."""
    match kind:
        case EntryKind.RUN:
            return index_row(RunDirectory(path))
        case EntryKind.STUDY:
            return study_row(path)
        case EntryKind.FLEET:
            return fleet_row(path)
        case EntryKind.TRIAL:
            return trial_row(path)


def study_row(path: Path) -> StudyRow | BrokenRow:
    """Return a study's row from its study.json."""
    record = _read(path, STUDY_MANIFEST, _StudyRecord)
    if isinstance(record, BrokenRow):
        return record
    done = sum(run.state == "done" for run in record.schedule)
    return StudyRow(
        _link(path / STUDY_PAGE),
        record.study.title or record.study.name,
        record.created,
        f"{done} of {sum(run.state != 'elsewhere' for run in record.schedule)}",
    )


def fleet_row(path: Path) -> StudyRow | BrokenRow:
    """Return the row of a study over machine types from its fleet.json."""
    record = _read(path, FLEET_MANIFEST, _FleetRecord)
    if isinstance(record, BrokenRow):
        return record
    return StudyRow(
        _link(path / FLEET_PAGE),
        record.study.title or record.study.name,
        record.created,
        f"on {formats.count(len(record.machines), 'machine type')}",
    )


def trial_row(path: Path) -> TrialRow | BrokenRow:
    """Return a trial's row from its trial.json."""
    record = _read(path, TRIAL_MANIFEST, _TrialRecord)
    if isinstance(record, BrokenRow):
        return record
    program = program_name(record.asked.command) or path.name
    return TrialRow(_link(path / TRIAL_PAGE), program, record.created, len(record.runs))


def _read(path: Path, manifest: str, kind: type[Record]) -> Record | BrokenRow:
    """Return what the list needs of a directory's manifest, or why that can't be read."""
    try:
        return msgspec.convert(files.read_json(path / manifest), kind)
    except (UsageError, msgspec.ValidationError, RecursionError) as error:
        return BrokenRow(path.name, str(error))


def _link(page: Path) -> str:
    """Return a page's address, from the list's folder; empty where there is none."""
    return f"{address(page.parent.name)}/{page.name}" if page.is_file() else ""


def index_row(run: RunDirectory) -> IndexRow | BrokenRow:
    """Return a run's row from its summary."""
    try:
        summary = read_summary(run)
    except UsageError as error:
        return BrokenRow(run.run_id, f"{error.message}: {error.hint}" if error.hint else error.message)
    measured, window = available(summary.measured), available(summary.spin_window_ms)
    return IndexRow(
        run.run_id,
        _link(run.report),
        summary.title,
        summary.model,
        summary.runtime,
        limit_words(None if summary.limit is None else summary.limit.cpus, ours=summary.workload is not None),
        summary.created,
        summary.complete,
        shown_figures(
            measured.cpu_ms_per_request if measured else None,
            measured.cpu_percent if measured else None,
            measured.latency_ms.p95 if measured else None,
            summary.spin_share,
            window.p50 if window else None,
        ),
    )


def limit_words(cpus: float | None, *, ours: bool) -> str:
    """Return a run's CPU limit as the list has it; not `none` of a workload that others may have limited."""
    if cpus is None:
        return "none" if ours else formats.NOTHING
    return f"{cpus:g} CPU"


def shown_figures(
    cpu_ms: float | None,
    cpu_percent: float | None,
    p95_ms: float | None,
    spin_share: float | None,
    spin_window_ms: float | None,
) -> tuple[SortedFigure, ...]:
    """Return a run's figures as the list has them."""
    return (
        _figure(cpu_ms, formats.number),
        _figure(cpu_percent, lambda value: f"{value:.1f} %"),
        _figure(p95_ms, formats.ms),
        _figure(spin_share, formats.percent),
        _figure(spin_window_ms, formats.ms),
    )


def _figure(value: float | None, text: Callable[[float], str]) -> SortedFigure:
    return SortedFigure(-1.0, formats.NOTHING) if value is None else SortedFigure(value, text(value))
