"""What a study found: its cells with their measured repeats, for pages, advice and exports."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.summary import read_summary
from profiler.study.cells import CellKey, cell_key
from profiler.study.identity import differing
from profiler.study.measured import Measured, read_measured
from profiler.study.study_record import (
    ScheduledRun,
    State,
    StudyCell,
    StudyDirectory,
    StudyRecord,
    read_record,
)

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.run.summary import Summary
    from profiler.spec.configuration import SessionConfiguration
    from profiler.spec.study import Study
    from profiler.spec.workload import Workload

FEWEST_LIMITS = 4
"""With fewer points there is no curve to speak of."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of the matrix and what it gave."""

    key: CellKey
    configuration: SessionConfiguration
    workload: Workload
    measured: tuple[Measured, ...]
    """One a repeat, in round order; failed and missing ones left out."""
    rounds: tuple[int, ...]
    """The round of each of `measured`, so that cells can be paired by round."""
    profiled: RunDirectory | None
    summary: Summary | None
    """summary.json of the profiled run."""
    failures: tuple[str, ...]
    """Why repeats are missing, each reason once."""
    refused: bool
    """This ONNX Runtime would have ignored a setting of the configuration, so it was not run."""

    @property
    def mixed(self) -> str:
        """In what its repeats are not of one thing, such as the pools that ran; empty where they are."""
        what = differing([repeat.identity for repeat in self.measured])
        return f"its repeats are not of one thing ({what})" if what else ""


@dataclass(frozen=True, slots=True)
class StudyResults:
    """A study and its cells, in the order of its definition."""

    directory: StudyDirectory
    record: StudyRecord
    cells: tuple[Cell, ...]

    @property
    def study(self) -> Study:
        """The definition."""
        return self.record.study

    @property
    def complete(self) -> bool:
        """Whether every run was done, or failed."""
        return self.record.complete


def paired(before: Cell, after: Cell) -> tuple[list[Measured], list[Measured]]:
    """Return the repeats of the rounds that both cells have, in the same order."""
    earlier = dict(zip(before.rounds, before.measured, strict=True))
    later = dict(zip(after.rounds, after.measured, strict=True))
    both = sorted(earlier.keys() & later.keys())
    return [earlier[number] for number in both], [later[number] for number in both]


def read_results(directory: Path) -> StudyResults:
    """Read a study's results; a run that can't be read counts as a failure and says why.

    `UsageError` when study.json is missing or not what ortprof writes.
    """
    study = StudyDirectory(directory)
    record = read_record(study)
    scheduled: list[list[ScheduledRun]] = [[] for _ in record.cells]
    for run in record.schedule:
        scheduled[run.cell].append(run)
    cells = tuple(
        _read_cell(study, cell, sorted(mine, key=lambda run: run.round))
        for cell, mine in zip(record.cells, scheduled, strict=True)
    )
    return StudyResults(study, record, cells)


def _read_cell(study: StudyDirectory, cell: StudyCell, scheduled: list[ScheduledRun]) -> Cell:
    measured: list[Measured] = []
    rounds: list[int] = []
    failures = [run.why for run in scheduled if run.state in (State.FAILED, State.REFUSED)]
    profiled = summary = None
    for run in scheduled:
        if run.state is not State.DONE:
            continue
        directory = study.run(run)
        try:
            measured.append(read_measured(directory))
        except UsageError as error:
            failures.append(error.message)
            continue
        rounds.append(run.round)
        if run.profiled:
            with contextlib.suppress(UsageError):  # the measurement stands without its profile
                summary = read_summary(directory)
                profiled = directory
    return Cell(
        key=cell_key(cell),
        configuration=cell.configuration,
        workload=cell.workload,
        measured=tuple(measured),
        rounds=tuple(rounds),
        profiled=profiled,
        summary=summary,
        failures=tuple(dict.fromkeys(failures)),
        refused=any(run.state is State.REFUSED for run in scheduled),
    )


def looseness(cell: Cell) -> float:
    """Return a cell's limit in CPUs; infinity without one."""
    return cell.key.limit.cpus if cell.key.limit is not None else float("inf")
