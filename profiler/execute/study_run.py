"""A study run: each run of the schedule once, whatever happens in between."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from profiler.errors import InterruptedRunError, NotWrittenError, OrtprofError
from profiler.execute.one_run import execute, run_name
from profiler.execute.preparation import find_same, plan_study, run_spec, with_startup
from profiler.models import progress as model_progress
from profiler.pages.index.index_page import write_index
from profiler.pages.study.study_page import write_page
from profiler.record.interrupts import Interrupts
from profiler.record.monitor import Monitor
from profiler.record.subject.start import STARTUP_SECONDS
from profiler.run import pruning, runs
from profiler.run.directory import PARTIAL, RunDirectory
from profiler.run.manifest import read_manifest
from profiler.study import study_record
from profiler.study.cells import cell_key
from profiler.study.ongoing import OngoingStudy
from profiler.study.plan import is_profiled, of_round, seconds_left
from profiler.study.results import StudyResults, read_results
from profiler.study.study_record import ScheduledRun, State, StudyDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.models.progress import Progress
    from profiler.record.run_spec import RunSpec
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import Setting
    from profiler.spec.study import Study


class StudyMonitor(Monitor, Protocol):
    """Receives a study's progress, and that of the run that goes on."""

    def run_begins(self, number: int, of: int, what: str, seconds_left: float) -> None:
        """Say that a run begins: which one of how many, and how long the whole study should still take."""


def run_study(
    study: Study,
    reports: Path,
    monitor: StudyMonitor,
    *,
    catalogue: Catalogue,
    python: str,
    progress: Progress = model_progress.SILENT,
    startup_seconds: float = STARTUP_SECONDS,
    fresh: bool = False,
) -> StudyResults:
    """Run a study, or continue one of the same definition that was begun here; return what it found.

    One that is finished is only read; `fresh` runs all anew. Errors are those of `plan_study`,
    `with_startup`, `create_study` and `continue_study`.
    """
    planned = plan_study(study, catalogue, python, progress, startup_seconds=startup_seconds)
    directory = None if fresh else find_same(planned, reports)
    if directory is not None and study_record.read_record(directory).complete:
        return read_results(directory.path)
    if directory is None:
        begun = with_startup(planned, catalogue.settings, monitor, startup_seconds=startup_seconds)
        directory = study_record.create_study(reports, begun)
    return continue_study(directory, catalogue.settings, monitor, startup_seconds=startup_seconds)


def continue_study(
    directory: StudyDirectory,
    settings: dict[str, Setting],
    monitor: StudyMonitor,
    *,
    keep_perf_data: bool = False,
    retry_failed: bool = False,
    startup_seconds: float = STARTUP_SECONDS,
) -> StudyResults:
    """Run what is left of a study and write its page; a failed run is written down and passed over.

    `InterruptedRunError` after Ctrl+C: what was done is kept, a run that was cut short is done anew next
    time. `UsageError` where another ortprof runs the study, `NotWrittenError` where it, or a run, can't be
    written: that, too, is done anew next time.
    """
    with study_record.locked(directory), Interrupts() as interrupts:
        record = study_record.read_record(directory)
        sweep = _Sweep(directory, record, settings, monitor, keep_perf_data, startup_seconds)
        sweep.recover(retry_failed=retry_failed)
        try:
            for position, run in enumerate(sweep.record.schedule):
                if run.state is State.PLANNED:
                    interrupts.check()
                    sweep.run(position)
            sweep.write()
        except (InterruptedRunError, KeyboardInterrupt):
            sweep.write()
            done = sum(run.state is State.DONE for run in publish(directory).record.schedule)
            raise InterruptedRunError(
                f"interrupted after {done} of {len(record.mine)} runs",
                hint=f"`ortprof sweep {directory.path}` goes on from there",
            ) from None
        monitor.step("writing the study's page")
        return publish(directory)


def publish(directory: StudyDirectory) -> StudyResults:
    """Write a study's page and the index that leads to it; return the results."""
    results = read_results(directory.path)
    write_page(results)
    write_index(directory.path.parent)
    return results


@dataclass(slots=True)
class _Sweep(OngoingStudy):
    """A study that is run here.

    study.json is written once a run, when that begins: with it goes what became of the one before, which
    until then its directory tells.
    """

    settings: dict[str, Setting]
    monitor: StudyMonitor
    keep_perf_data: bool
    startup_seconds: float

    def recover(self, *, retry_failed: bool) -> None:
        """Find out what became of runs whose end nobody wrote down; plan failed ones anew if asked to."""
        for position, run in enumerate(self.record.schedule):
            if run.state is State.RUNNING or (retry_failed and run.state is State.FAILED):
                self.mark(position, self._recovered(run))
        self.write()

    def run(self, position: int) -> None:
        """Do one run of the schedule; what it is called is written down first."""
        record = self.record
        planned = record.schedule[position]
        cell = record.cells[planned.cell]
        profiles = bool(cell.workload.profile_seconds) and not is_profiled(record, planned)
        workload = of_round(cell.workload, planned.round, profiles=profiles)
        planned_cell = msgspec.structs.replace(cell, workload=workload)
        spec = dataclasses.replace(
            run_spec(record, planned_cell, self.settings, self.startup_seconds),
            keep_perf_data=self.keep_perf_data,
        )
        what = f"{cell_key(cell).words}, round {planned.round + 1}"
        number = record.mine.index(planned) + 1
        self.monitor.run_begins(number, len(record.mine), what, seconds_left(record))
        # The position makes the name unique, so that a directory of that name can be no other run's.
        begun = msgspec.structs.replace(
            planned, state=State.RUNNING, run_id=f"{run_name(spec)}-{position + 1:03}", profiled=profiles
        )
        self.mark(position, begun)
        self.write()
        since = time.monotonic()
        try:
            run = self._execute(spec, begun.run_id)
        except (InterruptedRunError, NotWrittenError, KeyboardInterrupt):  # the next run would fare no better
            self.mark(position, self._recovered(begun))
            self.write()
            raise
        except OrtprofError as error:
            why = " ".join(error.message.split())  # ONNX Runtime's end with a line feed
            self.monitor.warn(f"{what}: {why}")
            self.mark(position, msgspec.structs.replace(planned, state=State.FAILED, why=why))
            return
        if not self.keep_perf_data and run.trace.exists():
            for path in pruning.recording(run):
                pruning.remove(path)
        self.mark(
            position, msgspec.structs.replace(begun, state=State.DONE, seconds=time.monotonic() - since)
        )

    def _execute(self, spec: RunSpec, name: str) -> RunDirectory:
        finished = execute(spec, self.directory.runs_folder, self.monitor, name=name)
        if not finished.analysis.manifest.complete:
            raise InterruptedRunError("stopped before its end")
        return finished.run

    def _recovered(self, scheduled: ScheduledRun) -> ScheduledRun:
        """Return a started run as done where its directory is whole; else remove that, and plan it anew."""
        planned = ScheduledRun(cell=scheduled.cell, round=scheduled.round)
        if not scheduled.run_id:
            return planned
        run = self.directory.run(scheduled)
        if runs.is_run(run.path):
            manifest = read_manifest(run.manifest)
            if manifest.complete and run.report.exists():
                return msgspec.structs.replace(scheduled, state=State.DONE)
        for path in (run.path, run.path.with_name(PARTIAL + run.run_id)):
            if path.is_dir():
                pruning.remove(path)
        return planned
