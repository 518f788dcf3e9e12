"""The study directory: `study.json` says what was to be run and how far it got.

    reports/<UTC time>-study-<name>/
      study.json   definition, cells, schedule with each run's state (schema `ortprof.study/1`)
      study.html   the page
      runs/        a reports folder of its own: one directory a run

study.json is replaced after each step, so that whoever reads it sees a whole one. A run's name is written
down before it starts: after a crash, a directory of that name is the finished run, and there is nothing else
to look for. Like a run directory, one may come from a stranger: all of it is validated.
"""

from __future__ import annotations

import contextlib
import fcntl
import time
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.run import runs
from profiler.run.directory import (
    STUDY_MANIFEST,
    STUDY_PAGE,
    RunDirectory,
    complete_path,
    create_run,
    file_name_part,
)
from profiler.run.json_document import not_ours, read_lifted
from profiler.run.ranges import Seconds
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.limit import Limit
from profiler.spec.study import Study
from profiler.spec.study_file import lifted
from profiler.spec.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA = "ortprof.study/1"
RunName = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9_+=-][A-Za-z0-9._+=-]*)?$")]
"""A directory's name, not a path; empty where there is none."""
Index = Annotated[int, msgspec.Meta(ge=0)]


class State(str, Enum):
    """How far a scheduled run got."""

    PLANNED = "planned"
    RUNNING = "running"
    """It was started; whether it finished, its directory tells."""
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    """This ONNX Runtime would ignore a setting of the configuration."""
    ELSEWHERE = "elsewhere"
    """Another shard of the study has it."""


class Shard(msgspec.Struct, frozen=True):
    """A part of a study, for one of several machines or batch jobs."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    of: Annotated[int, msgspec.Meta(ge=1)]

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


class StudyCell(msgspec.Struct, frozen=True, kw_only=True):
    """One combination of the matrix, as it is run."""

    configuration: SessionConfiguration
    workload: Workload
    """Of the run that also profiles; the others have `profile_seconds` 0. Round *i* adds *i* to its seed."""
    limit: Limit | None = None


class ScheduledRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the schedule."""

    cell: Index
    """Of the record's `cells`."""
    round: Index
    state: State = State.PLANNED
    run_id: RunName = ""
    """Directory below `runs/`, from `running` on."""
    why: str = ""
    """Why it failed or was refused."""
    profiled: bool = False
    """Whether it was also profiled: a cell's first run that ends well is."""
    seconds: Seconds | None = None
    """How long it took in all, start-up and analysis included."""


class Startup(msgspec.Struct, frozen=True):
    """What it took to start the workload and open a model, measured before the first run."""

    seconds: Seconds
    cpu_seconds: Seconds


class StudyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """study.json."""

    schema: str = SCHEMA
    created: str
    """UTC, ISO 8601."""
    ortprof: str
    """Our own version."""
    python: str
    """The interpreter whose ONNX Runtime is measured."""
    ort_version: str
    study: Study
    cells: list[StudyCell]
    schedule: list[ScheduledRun]
    """In the order of execution."""
    startup: dict[str, Startup] = {}
    """By model."""
    shard: Shard | None = None
    """The part of the schedule that is run here; None for all of it. The rest of it is `elsewhere`."""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to run."""
        return all(run.state not in (State.PLANNED, State.RUNNING) for run in self.schedule)

    @property
    def mine(self) -> list[ScheduledRun]:
        """The runs that are this study's to do, in the order of execution: all but another shard's."""
        return [run for run in self.schedule if run.state is not State.ELSEWHERE]

    def replaced(self, position: int, run: ScheduledRun) -> StudyRecord:
        """Return the record with one run of the schedule replaced."""
        schedule = [*self.schedule]
        schedule[position] = run
        return msgspec.structs.replace(self, schedule=schedule)


@dataclass(frozen=True, slots=True)
class StudyDirectory:
    """Paths of one study's files."""

    path: Path

    @property
    def study_id(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def manifest(self) -> Path:
        """study.json."""
        return self.path / STUDY_MANIFEST

    @property
    def page(self) -> Path:
        """study.html."""
        return self.path / STUDY_PAGE

    @property
    def runs_folder(self) -> Path:
        """The reports folder of the study's runs."""
        return self.path / "runs"

    def run(self, scheduled: ScheduledRun) -> RunDirectory:
        """Return the directory of a scheduled run that was started."""
        return RunDirectory(self.runs_folder / scheduled.run_id)


def new_record(
    study: Study,
    cells: Sequence[StudyCell],
    schedule: Sequence[ScheduledRun],
    *,
    python: str,
    ort_version: str,
) -> StudyRecord:
    """Return the record of a study that is to begin."""
    return StudyRecord(
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        ortprof=version("ortprof"),
        python=python,
        ort_version=ort_version,
        study=study,
        cells=list(cells),
        schedule=list(schedule),
    )


def create_study(reports: Path, record: StudyRecord) -> StudyDirectory:
    """Make a study's directory; it appears with its study.json. `MachineError` where it can't be written."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    shard = f"-{record.shard.number}of{record.shard.of}" if record.shard is not None else ""
    name = f"{stamp}-study-{file_name_part(record.study.name)}{shard}"
    with create_run(reports, name, manifest=STUDY_MANIFEST) as made:
        directory = StudyDirectory(made.path)
        directory.runs_folder.mkdir()
        write_record(directory, record)
    return StudyDirectory(complete_path(made))


def write_record(directory: StudyDirectory, record: StudyRecord) -> None:
    """Replace study.json; `NotWrittenError` when it can't be written."""
    files.write_json(directory.manifest, msgspec.to_builtins(record))


def read_record(directory: StudyDirectory) -> StudyRecord:
    """Read study.json; `UsageError` when it is missing or not what ortprof writes."""
    record: StudyRecord = read_lifted(directory.manifest, StudyRecord, lifted)
    if record.schema != SCHEMA:
        raise UsageError(f"{directory.manifest} is not a study that this version of ortprof reads")
    if any(run.cell >= len(record.cells) for run in record.schedule):
        raise not_ours(directory.manifest, "a run of a cell that is not there")
    if any(not run.run_id for run in record.schedule if run.state in (State.RUNNING, State.DONE)):
        raise not_ours(directory.manifest, "a run without a name")
    return record


def find_study(name: str, reports: Path) -> Path:
    """Return a study's directory by path, study id or a beginning of one, or a study's name (its latest).

    `UsageError` where there is none, or several begin so.
    """
    directory = runs.directory_of(name, reports, runs.is_study)
    if directory is not None:
        return directory
    studies = runs.list_studies(reports)
    known: set[str] = set()
    for path in reversed(studies):
        with contextlib.suppress(UsageError):  # a broken neighbour must not hide the one asked for
            known.add(read_record(StudyDirectory(path)).study.name)
            if name in known:
                return path.resolve()
    _refuse_trial(name, reports)
    begun = runs.only_beginning(name, studies, "studies")
    if begun is not None:
        return begun.resolve()
    latest = ", ".join(path.name for path in studies[-3:])
    raise UsageError(
        f"there is no study {name!r} in {reports}",
        hint=(
            f"{runs.did_you_mean(name, known)}the latest: {latest}" if latest else "`ortprof sweep` makes one"
        ),
    )


def _refuse_trial(name: str, reports: Path) -> None:
    if runs.kind_of_several(name, reports) == "trial":
        raise UsageError(f"{name} is a trial, neither a run nor a study", hint="`ortprof show` shows it")


def find_run_or_study(name: str, reports: Path) -> RunDirectory | StudyDirectory:
    """Return what a name stands for: a run (see `runs.find`), else a study; `UsageError` for neither."""
    directory = runs.directory_of(name, reports, runs.is_study)
    if directory is not None:
        return StudyDirectory(directory)
    _refuse_trial(name, reports)
    try:
        return runs.find(name, reports)
    except UsageError as no_run:
        try:
            return StudyDirectory(find_study(name, reports))
        except runs.AmbiguousNameError:
            raise
        except UsageError:
            raise no_run from None


@contextlib.contextmanager
def locked(directory: StudyDirectory) -> Iterator[None]:
    """Keep a second `ortprof sweep` off a study while the block runs; `UsageError` when one runs already.

    The kernel drops the lock with the process, however that ends. `NotWrittenError` where it can't be made.
    """
    path = directory.path / ".lock"
    try:
        mark = files.open_mark(path)
    except OSError as error:
        raise files.not_written(path, error) from error
    with mark as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"{directory.study_id} is being run by another ortprof") from None
        yield
