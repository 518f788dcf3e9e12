"""Studies whose runs take no time, in a world that ends at a chosen step."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files
from profiler.execute.finished_run import FinishedRun
from profiler.execute.study_run import continue_study
from profiler.run.directory import PARTIAL, RunDirectory
from profiler.run.summary import to_document
from profiler.study import study_record
from profiler.study.study_record import ScheduledRun, State, StudyDirectory, StudyRecord
from tests.record.monitors import Remembering
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.attribution.analysis import Analysis
    from profiler.errors import OrtprofError
    from profiler.record.run_spec import RunSpec

CELLS = (Made("spin-on"), Made("spin-off"))
REPEATS = 3


class KilledError(BaseException):
    """Stands for SIGKILL: nothing that handles errors sees it."""


@dataclass
class Watching(Remembering):
    """Also remembers which runs began."""

    begun: list[str] = field(default_factory=list)

    def run_begins(self, number: int, of: int, what: str, seconds_left: float) -> None:
        assert 1 <= number <= of
        assert seconds_left > 0
        self.begun.append(what)


@dataclass
class World:
    """Runs that take no time, in a world that ends at a chosen step."""

    run: RunDirectory
    analysis: Analysis
    ends_at: int = -1
    steps: int = 0
    finished: list[str] = field(default_factory=list)
    profiled: list[str] = field(default_factory=list)
    fails: Callable[[RunSpec], OrtprofError | None] = lambda _: None

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.ends_at:
            raise KilledError

    def execute(self, spec: RunSpec, reports: Path, _monitor: Any, *, name: str) -> FinishedRun:
        self.step()
        partial = reports / (PARTIAL + name)
        shutil.copytree(self.run.path, partial)
        self.step()
        error = self.fails(spec)
        if error is not None:
            shutil.rmtree(partial)
            raise error
        files.write_json(partial / "summary.json", to_document(self.analysis.summary))
        files.write(partial / "report.html", b"")
        files.write(partial / "perf.data", b"x")
        files.write(partial / "trace.npz", b"x")
        self.finished.append(name)
        if spec.workload.profile_seconds:
            self.profiled.append(spec.configuration.name)
        partial.rename(reports / name)
        self.step()
        return FinishedRun(RunDirectory(reports / name), self.analysis)

    def write_record(self, directory: StudyDirectory, record: StudyRecord) -> None:
        self.step()
        files.write_json(directory.manifest, msgspec.to_builtins(record))
        self.step()


def planned(*made: Made) -> StudyRecord:
    """The record of a study of three interleaved rounds."""
    record = make_results(made or CELLS, state=State.PLANNED).record
    schedule = [
        ScheduledRun(cell=cell, round=number)
        for number in range(REPEATS)
        for cell in range(len(record.cells))
    ]
    return msgspec.structs.replace(record, schedule=schedule)


def begin(tmp_path: Path, *made: Made) -> StudyDirectory:
    """A study of three interleaved rounds."""
    return study_record.create_study(tmp_path / "reports", planned(*made))


def go_on(directory: StudyDirectory, **options: bool) -> Watching:
    watching = Watching()
    continue_study(directory, {}, watching, **options)
    return watching
