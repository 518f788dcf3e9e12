"""A study that this machine runs: planned, shown, begun or gone on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.cli.options.place_options import interpreter
from profiler.cli.show_study import print_plan
from profiler.cli.terminal.console import err, model_progress, out, print_json, study_monitoring
from profiler.errors import UsageError
from profiler.execute.preparation import difference, find_same, plan_study, with_startup
from profiler.execute.study_run import continue_study
from profiler.spec.catalogue import load
from profiler.study.results import read_results
from profiler.study.shards import parse_shard
from profiler.study.study_document import plan_document
from profiler.study.study_record import State, create_study, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.record.monitor import Monitor
    from profiler.spec.study import Study
    from profiler.study.results import StudyResults
    from profiler.study.study_record import Shard, StudyDirectory, StudyRecord


@dataclass(frozen=True, slots=True)
class LocalStudy:
    """A study, and how this machine is to run it."""

    asked: Study
    begun: StudyDirectory | None
    """Where it was begun, if that is known."""
    python: str | None
    shard: str | None
    startup_seconds: float
    keep_perf_data: bool
    fresh: bool
    retry_failed: bool

    def dry(self, reports: Path, *, json_output: bool) -> None:
        """Print what would be run."""
        record, directory = self._record(reports, build=False)
        with study_monitoring(reports) as monitor:
            if directory is None:
                record = self._timed(record, monitor)
        if json_output:
            print_json(plan_document(record))
        else:
            print_plan(out(), record, directory)

    def run(self, reports: Path) -> StudyResults:
        """Run what is left of it."""
        record, directory = self._record(reports, build=True)
        with study_monitoring(reports) as monitor:
            if directory is None:
                record = self._timed(record, monitor)
        print_plan(err(), record, directory)  # when no progress is in its way
        if directory is not None and _is_finished(record, retry_failed=self.retry_failed):
            return read_results(directory.path)
        with study_monitoring(reports) as monitor:
            return continue_study(
                directory or create_study(reports, record),
                load().settings,
                monitor,
                keep_perf_data=self.keep_perf_data,
                retry_failed=self.retry_failed,
                startup_seconds=self.startup_seconds,
            )

    def _record(self, reports: Path, *, build: bool) -> tuple[StudyRecord, StudyDirectory | None]:
        """Return the record of the study to go on with, and where it is; or one to begin, and None."""
        begun = self.begun
        if begun is not None and not self.fresh:
            record = read_record(begun)
            if _is_finished(record, retry_failed=self.retry_failed):
                return record, begun
        with model_progress() as progress:
            planned = plan_study(
                self.asked,
                load(),
                interpreter(self.python),
                progress,
                startup_seconds=self.startup_seconds,
                build=build,
                shard=_shard(self.shard, begun),
            )
        directory = _continued(planned, begun, reports, fresh=self.fresh)
        return (planned, None) if directory is None else (read_record(directory), directory)

    def _timed(self, record: StudyRecord, monitor: Monitor) -> StudyRecord:
        return with_startup(record, load().settings, monitor, startup_seconds=self.startup_seconds)


def _shard(text: str | None, begun: StudyDirectory | None) -> Shard | None:
    """Return the part of the study that is asked for; of one that goes on, the part that it is."""
    if begun is None:
        return None if text is None else parse_shard(text)
    if text is not None:
        raise UsageError(f"{begun.study_id} is what it was begun as", hint="leave --shard out")
    return read_record(begun).shard


def _is_finished(record: StudyRecord, *, retry_failed: bool) -> bool:
    """Whether nothing of a study is left to run."""
    failed = any(run.state is State.FAILED for run in record.schedule)
    return record.complete and not (failed and retry_failed)


def _continued(
    planned: StudyRecord, begun: StudyDirectory | None, reports: Path, *, fresh: bool
) -> StudyDirectory | None:
    """Return the study to go on with, or None to begin one."""
    if fresh:
        return None
    if begun is None:
        return find_same(planned, reports)
    why = difference(read_record(begun), planned)
    if why:
        raise UsageError(
            f"{begun.study_id} can't be gone on with: {why}", hint="--fresh runs the same study anew"
        )
    return begun
