"""A study that was run in shards made one again: their runs copied into one study directory, and its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.errors import UsageError
from profiler.execute.study_run import publish
from profiler.run import runs
from profiler.run.copying import copy_run
from profiler.study import study_record
from profiler.study.shards import another, merge
from profiler.study.study_record import ScheduledRun, State, StudyDirectory, StudyRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from profiler.record.monitor import Monitor
    from profiler.study.results import StudyResults


def merge_studies(shards: Sequence[StudyDirectory], reports: Path, monitor: Monitor) -> StudyResults:
    """Merge shards into one study below `reports`, and write its page; the shards stay as they are.

    What an earlier merge of them has is not copied again, so a repeated one changes nothing, and one that was
    cut off goes on. `UsageError` where they are not of one study, or a run of theirs can't be read;
    `NotWrittenError` where something can't be written.
    """
    records = [study_record.read_record(shard) for shard in shards]
    merged = merge(records)
    directory = _earlier(merged.record, reports) or study_record.create_study(
        reports, _planned(merged.record)
    )
    with study_record.locked(directory):
        record = study_record.read_record(directory)
        for done, (position, source) in enumerate(merged.sources.items(), 1):
            run = merged.record.schedule[position]
            if record.schedule[position] != run:
                monitor.step(f"copying run {done} of {len(merged.sources)}")
                copy_run(shards[source].run(run), directory.run(run).path)
                record = record.replaced(position, run)
                study_record.write_record(directory, record)
        if record != merged.record:
            study_record.write_record(directory, merged.record)
        monitor.step("writing the study's page")
        return publish(directory)


def _planned(record: StudyRecord) -> StudyRecord:
    """Return a record of which nothing is done yet."""
    schedule = [ScheduledRun(cell=run.cell, round=run.round) for run in record.schedule]
    return msgspec.structs.replace(record, schedule=schedule)


def _earlier(merged: StudyRecord, reports: Path) -> StudyDirectory | None:
    """Return the study that an earlier merge made of these shards, or of some of them.

    It has no run that they have not; one that was cut off before its first run is known by its beginning.
    """
    for path in reversed(runs.list_studies(reports)):
        directory = StudyDirectory(path)
        try:
            record = study_record.read_record(directory)
        except UsageError:  # a stranger's, or damaged
            continue
        done = _done(record)
        begun_alike = bool(done) or record.created == merged.created
        if begun_alike and done <= _done(merged) and record.shard is None and not another(merged, record):
            return directory
    return None


def _done(record: StudyRecord) -> set[tuple[int, str]]:
    return {(at, run.run_id) for at, run in enumerate(record.schedule) if run.state is State.DONE}
