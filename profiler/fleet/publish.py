"""Runs and studies into a store: their files, then their rows of its dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.fleet import dataset
from profiler.fleet.fleet_record import studies_of
from profiler.fleet.machine_type import MachineType, type_of
from profiler.fleet.query import ask
from profiler.fleet.rows_of import Rows, study_rows
from profiler.fleet.store_index import write_store_index
from profiler.run.copying import carried
from profiler.run.directory import MANIFEST, RunDirectory
from profiler.run.manifest import read_manifest
from profiler.study.results import read_results
from profiler.study.study_record import State, StudyDirectory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.fleet.store import Store
    from profiler.record.monitor import Monitor


@dataclass(frozen=True, slots=True)
class Published:
    """How many runs, studies and fleets came into a store."""

    written: int
    """That were new to it or had grown."""
    left_out: int
    """Those that can't be read."""


def publish(
    store: Store, directories: Sequence[RunDirectory | StudyDirectory | FleetDirectory], monitor: Monitor
) -> Published:
    """Put runs, studies and fleets into a store; return how many there were to put.

    Those that it has already are not written again, so that one that was cut off goes on. What can't be read
    is left out with a warning; `MachineError` where the store can't be written.
    """
    single = [directory for directory in directories if isinstance(directory, RunDirectory)]
    published = _publish_runs(store, single, monitor) if single else Published(0, 0)
    written, left_out = published.written, published.left_out
    for directory in directories:
        if isinstance(directory, RunDirectory):
            continue
        try:
            if isinstance(directory, StudyDirectory):
                written += publish_study(store, directory, directory.study_id, monitor)
            else:
                written += _publish_fleet(store, directory, monitor)
        except UsageError as error:
            monitor.warn(f"{directory.path.name} is left out: {error.message}")
            left_out += 1
    write_store_index(store)
    return Published(written, left_out)


def publish_study(
    store: Store,
    study: StudyDirectory,
    path: str,
    monitor: Monitor,
    machine_type: MachineType | None = None,
) -> bool:
    """Put a study below `path` into a store, and its rows, as those of `path`'s first part."""
    results = read_results(study.path)
    done = [study.run(run) for run in results.record.schedule if run.state is State.DONE]
    there = set(store.names(f"{path}/runs"))
    manifest = files.content(study.manifest)
    whole = {run.run_id for run in done} <= there and study.manifest.name in store.names(path)
    if whole and store.read(f"{path}/{study.manifest.name}") == manifest:
        return False
    for number, run in enumerate(done, 1):
        if MANIFEST not in store.names(f"{path}/runs/{run.run_id}"):
            monitor.step(f"run {number} of {len(done)} of {study.study_id}")
            _put(store, run, f"{path}/runs/{run.run_id}")
    if study.page.is_file():
        store.write(f"{path}/{study.page.name}", files.content(study.page))
    for machine, rows in study_rows(results, path, machine_type).items():
        dataset.write(store, rows, path.partition("/")[0], machine)
    store.write(f"{path}/{study.manifest.name}", manifest)
    return True


def _publish_fleet(store: Store, fleet: FleetDirectory, monitor: Monitor) -> bool:
    """Put each machine type's study, then the page and fleet.json; return whether there was news."""
    fresh = [
        publish_study(store, study, f"{fleet.fleet_id}/{machine.name}", monitor, machine)
        for machine, study in studies_of(fleet)
    ]
    manifest, path = files.content(fleet.manifest), f"{fleet.fleet_id}/{fleet.manifest.name}"
    there = fleet.manifest.name in store.names(fleet.fleet_id) and store.read(path) == manifest
    if there and not any(fresh):
        return False
    if fleet.page.is_file():
        store.write(f"{fleet.fleet_id}/{fleet.page.name}", files.content(fleet.page))
    store.write(path, manifest)
    return True


def _publish_runs(store: Store, runs: Sequence[RunDirectory], monitor: Monitor) -> Published:
    tables = dataset.open_tables(store, only=("runs",))
    known = {path for (path,) in ask(tables, "SELECT path FROM runs").rows}
    by_type: dict[MachineType, Rows] = {}
    fresh = [run for run in runs if run.run_id not in known]
    written = 0
    for number, run in enumerate(fresh, 1):
        monitor.step(f"run {number} of {len(fresh)}: {run.run_id}")
        try:
            by_type.setdefault(type_of(read_manifest(run.manifest).host), Rows()).add_run(run, run.run_id)
        except UsageError as error:
            monitor.warn(f"{run.run_id} is left out: {error.message}")
            continue
        _put(store, run, run.run_id)
        written += 1
    for machine, rows in by_type.items():
        dataset.write(store, rows, dataset.NO_STUDY, machine)
    return Published(written, len(fresh) - written)


def _put(store: Store, run: RunDirectory, path: str) -> None:
    for file in sorted(carried(run), key=lambda manifest: manifest == run.manifest):
        store.write(f"{path}/{file.name}", files.content(file))
