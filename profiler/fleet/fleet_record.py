"""The fleet directory: one study over machine types, a study directory a type.

    reports/<UTC time>-fleet-<name>/
      fleet.json          definition, models by content, machine types (schema `ortprof.fleet/1`)
      fleet.html          the page
      <machine type>/     a study directory: study.json, study.html, runs/

So whatever reads a study reads one of a fleet's: `ortprof show <fleet>/<machine type>`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.fleet.machine_type import MachineType
from profiler.run import runs
from profiler.run.directory import FLEET_MANIFEST, FLEET_PAGE, complete_path, create_run, file_name_part
from profiler.run.json_document import read_lifted
from profiler.spec.study import Study
from profiler.spec.study_file import lifted
from profiler.study.study_record import StudyDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = "ortprof.fleet/1"


class FleetRecord(msgspec.Struct, frozen=True, kw_only=True):
    """fleet.json."""

    schema: str = SCHEMA
    created: str
    """UTC, ISO 8601."""
    ortprof: str
    study: Study
    models: dict[str, str]
    """The checksum of each model, by its name."""
    machines: list[MachineType] = []
    """In the order in which they were found."""


@dataclass(frozen=True, slots=True)
class FleetDirectory:
    """Paths of one fleet's files."""

    path: Path

    @property
    def fleet_id(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def manifest(self) -> Path:
        """fleet.json."""
        return self.path / FLEET_MANIFEST

    @property
    def page(self) -> Path:
        """fleet.html."""
        return self.path / FLEET_PAGE

    def study(self, machine: MachineType) -> StudyDirectory:
        """Return the study of one machine type."""
        return StudyDirectory(self.path / machine.name)


def create_fleet(reports: Path, study: Study, models: dict[str, str]) -> FleetDirectory:
    """Make a fleet's directory, with no machine in it yet; `MachineError` where it can't be written."""
    record = FleetRecord(
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        ortprof=version("ortprof"),
        study=study,
        models=models,
    )
    name = f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-fleet-{file_name_part(study.name)}"
    with create_run(reports, name, manifest=FLEET_MANIFEST) as made:
        write_fleet(FleetDirectory(made.path), record)
    return FleetDirectory(complete_path(made))


def write_fleet(directory: FleetDirectory, record: FleetRecord) -> None:
    """Replace fleet.json; `NotWrittenError` when it can't be written."""
    files.write_json(directory.manifest, msgspec.to_builtins(record))


def read_fleet(directory: FleetDirectory) -> FleetRecord:
    """Read fleet.json; `UsageError` when it is missing or not what ortprof writes."""
    record: FleetRecord = read_lifted(directory.manifest, FleetRecord, lifted)
    if record.schema != SCHEMA:
        raise UsageError(f"{directory.manifest} is not a fleet that this version of ortprof reads")
    return record


def list_fleets(reports: Path) -> list[FleetDirectory]:
    """Return the fleets of a reports folder, the oldest first."""
    return [FleetDirectory(path) for path in runs.list_fleets(reports)]


def find_fleet(name: str, reports: Path) -> FleetDirectory | None:
    """Return a fleet as `runs.find_fleet` finds it; None where there is none."""
    path = runs.find_fleet(name, reports)
    return None if path is None else FleetDirectory(path)


def find_same_fleet(reports: Path, study: Study, models: dict[str, str]) -> FleetDirectory | None:
    """Return the latest fleet of this definition and these models; None where there is none."""
    for directory in reversed(list_fleets(reports)):
        try:
            record = read_fleet(directory)
        except UsageError:  # a stranger's, or damaged: not ours to continue
            continue
        if (record.study, record.models) == (study, models):
            return directory
    return None


def studies_of(directory: FleetDirectory) -> Iterator[tuple[MachineType, StudyDirectory]]:
    """Yield a fleet's machine types with their studies, those that were begun."""
    for machine in read_fleet(directory).machines:
        study = directory.study(machine)
        if study.manifest.is_file():
            yield machine, study
