"""A reports folder as the tables of a dataset, made while it is asked: queries need no store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.fleet import dataset
from profiler.fleet.machine_type import type_of
from profiler.fleet.rows_of import Rows, study_rows
from profiler.run import runs
from profiler.run.directory import RunDirectory
from profiler.run.manifest import read_manifest
from profiler.study.results import read_results

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.fleet.machine_type import MachineType
    from profiler.record.monitor import Monitor


def reports_tables(reports: Path, monitor: Monitor) -> dict[str, Any]:
    """Return the tables of all that can be read of a reports folder; the monitor is warned of the rest.

    `UsageError` where there is no such folder, which else would read as an empty one.
    """
    if not reports.is_dir():
        raise UsageError(
            f"there is no reports folder {reports}",
            hint="--reports DIR names another, --store URL a store; `ortprof record` makes one",
        )
    by_place: dict[tuple[str, MachineType], Rows] = {}
    paths = [run.path for run in runs.list_runs(reports)] + runs.list_studies(reports)
    for number, path in enumerate(paths, 1):
        monitor.step(f"reading {number} of {len(paths)}")
        try:
            if runs.is_study(path):
                for machine, rows in study_rows(read_results(path), path.name).items():
                    by_place[path.name, machine] = rows
            else:
                run = RunDirectory(path)
                machine = type_of(read_manifest(run.manifest).host)
                by_place.setdefault((dataset.NO_STUDY, machine), Rows()).add_run(run, path.name)
        except UsageError as error:
            monitor.warn(f"{path.name} is left out: {error.message}")
    arrow = dataset.pyarrow()
    return {
        table: arrow.concat_tables(
            [
                dataset.schema(table).empty_table(),
                *(
                    dataset.table_of(table, getattr(rows, table), study, machine.name)
                    for (study, machine), rows in by_place.items()
                ),
            ]
        )
        for table in dataset.TABLES
    }
