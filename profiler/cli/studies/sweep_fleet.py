"""`ortprof sweep --cluster`: a study on each machine type of a cluster."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from profiler.errors import UsageError, WorkloadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.spec.study import Study


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which machines a study is for, and where what they find goes."""

    address: str | None
    local_workers: int | None
    """Of a cluster that is started here."""
    machines: tuple[str, ...]
    """Parts of machine types' names; empty for all."""
    store: str | None
    prices: dict[str, float]
    """What machine types cost an hour, by parts of their names."""


def definition(name: str | None, options: dict[str, Any], reports: Path) -> Study | None:
    """Return the study of a fleet that was begun; None for a name that is no fleet's."""
    from profiler.fleet.fleet_record import find_fleet, read_fleet

    begun = None if name is None else find_fleet(name, reports)
    if begun is not None and options:
        raise UsageError(f"{begun.fleet_id} was begun with options of its own", hint="leave all others out")
    return None if begun is None else read_fleet(begun).study


def sweep_fleet(
    study: Study,
    chosen: Chosen,
    reports: Path,
    *,
    startup_seconds: float,
    fresh: bool,
    retry_failed: bool,
    json_output: bool,
    open_page: bool,
) -> None:
    """Run a study on a cluster's machine types, or go on with it; show what it found on each."""
    from profiler.cli.show_fleet import show_fleet
    from profiler.pages.index.index_page import write_index

    directory = run_fleet(
        study, chosen, reports, startup_seconds=startup_seconds, fresh=fresh, retry_failed=retry_failed
    )
    show_fleet(directory, chosen.prices, json_output=json_output)
    write_index(reports)
    if chosen.store is not None:
        _publish(chosen.store, directory)
    if open_page:
        typer.launch(str(directory.page.resolve()))
    _judge(directory)


def run_fleet(
    study: Study,
    chosen: Chosen,
    reports: Path,
    *,
    startup_seconds: float,
    fresh: bool = False,
    retry_failed: bool = False,
) -> FleetDirectory:
    """Run a study on a cluster's machine types, or go on with it; one that is finished is left as it is."""
    if chosen.address is None and chosen.local_workers is None:
        raise UsageError("--machines chooses among a cluster's", hint="add --cluster ADDRESS")
    if chosen.address is not None and chosen.local_workers is not None:
        raise UsageError("--cluster and --local-cluster name two clusters", hint="leave one of them out")
    from profiler.cli.terminal.console import model_progress, study_monitoring
    from profiler.cli.terminal.printable import tell
    from profiler.fleet.cluster.dask_engine import DaskEngine
    from profiler.fleet.fleet_record import create_fleet, find_same_fleet
    from profiler.fleet.fleet_sweep import FleetSweep, prepare_models
    from profiler.spec.catalogue import load

    with model_progress() as progress:
        models = prepare_models(study, progress)
    directory = None if fresh else find_same_fleet(reports, study, models.checksums)
    if directory is not None:
        tell(f"going on with {directory.fleet_id}")
    directory = directory or create_fleet(reports, study, models.checksums)
    with _cluster(chosen) as address, study_monitoring(reports) as monitor:
        engine = DaskEngine(address, monitor.warn)
        with contextlib.closing(engine):
            FleetSweep(
                directory,
                engine,
                monitor,
                load(),
                models,
                startup_seconds,
                only=chosen.machines,
                retry_failed=retry_failed,
            ).run()
    return directory


@contextlib.contextmanager
def _cluster(chosen: Chosen) -> Iterator[str]:
    from profiler.fleet.cluster.local import local_cluster

    if chosen.address is not None:
        yield chosen.address
    else:
        with local_cluster(chosen.local_workers or 1) as address:
            yield address


def _publish(store: str, directory: FleetDirectory) -> None:
    from profiler.cli.terminal.console import monitoring
    from profiler.fleet.publish import publish
    from profiler.fleet.store import open_store

    with monitoring() as monitor:
        publish(open_store(store), [directory], monitor)


def _judge(directory: FleetDirectory) -> None:
    """End with the workload's exit code where runs failed."""
    from profiler.fleet.fleet_record import studies_of
    from profiler.study.study_record import State, read_record

    states = [run.state for _, study in studies_of(directory) for run in read_record(study).schedule]
    if State.FAILED in states:
        raise WorkloadError(
            f"{states.count(State.FAILED)} of {len(states)} runs failed",
            hint="the same command with --retry-failed tries them again",
        )
