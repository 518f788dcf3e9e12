"""What a command line names, as runs to check: runs, folders of runs, patterns, studies, fleets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from profiler.errors import UsageError
from profiler.run import runs
from profiler.run.directory import RunDirectory
from profiler.study.results import read_results
from profiler.study.study_record import StudyDirectory, find_run_or_study

PATTERN = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What stands in a folder or matches a pattern, and can't be checked."""

    name: str
    why: str
    hint: str | None = None

    @property
    def said(self) -> str:
        """Which and why, in one line; most reasons name it."""
        return self.why if self.name in self.why else f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for."""

    runs: tuple[RunDirectory, ...]
    gathered: bool = False
    """Whether a folder or a pattern brought them together: nobody asked for each of them by its name."""
    left_out: tuple[LeftOut, ...] = ()
    """Of what was gathered: studies whose runs can't be checked."""


def resolve(name: str, reports: Path) -> Named:
    """Return the runs that a name stands for; `UsageError` where there are none.

    A run (see `runs.find`), a study (its runs that were done), a fleet (those of its studies), a folder of
    runs, or a pattern of such.
    """
    for path in (reports / name, Path(name)):
        if not _is_one(path) and (listed := runs.list_runs(path)):
            return Named(tuple(RunDirectory(run.path.resolve()) for run in listed), gathered=True)
    if PATTERN & set(name) and not any(_is_one(path) for path in (reports / name, Path(name))):
        return _gathered(_matches(name, reports), reports)
    return Named(tuple(_runs_of(name, reports)))


def _gathered(paths: list[Path], reports: Path) -> Named:
    found: list[RunDirectory] = []
    left_out: list[LeftOut] = []
    for path in paths:
        try:
            found += _runs_of(str(path), reports)
        except UsageError as error:
            left_out.append(LeftOut(path.name, error.message, error.hint))
    return Named(tuple(found), gathered=True, left_out=tuple(left_out))


def _is_one(path: Path) -> bool:
    return runs.is_run(path) or runs.is_study(path) or runs.is_fleet(path)


def _runs_of(name: str, reports: Path) -> list[RunDirectory]:
    fleet = runs.find_fleet(name, reports)
    if fleet is not None:
        return _of_fleet(fleet)
    directory = find_run_or_study(name, reports)
    return _of_study(directory.path) if isinstance(directory, StudyDirectory) else [directory]


def _of_fleet(path: Path) -> list[RunDirectory]:
    """Return the runs of a fleet's studies, one a machine type."""
    studies = runs.list_studies(path)
    if not studies:
        raise UsageError(
            f"the fleet {path.name} holds no study", hint=f"`ortprof sweep {path.name}` goes on with it"
        )
    return [run for study in studies for run in _of_study(study)]


def _matches(pattern: str, reports: Path) -> list[Path]:
    """Return the runs, studies and fleets that match, below the reports folder or else the working one."""
    for folder in (reports, Path.cwd()):
        try:
            # Joined, an absolute pattern stays what it is.
            whole = (folder.absolute() / pattern).relative_to("/")
            paths = sorted(Path("/").glob(str(whole)))
        except (ValueError, NotImplementedError, RecursionError) as error:
            raise UsageError(f"{pattern!r} is not a pattern: {error}") from error
        if chosen := [path for path in paths if _is_one(path)]:
            return chosen
    raise UsageError(f"no run matches {pattern!r}, in {reports} or here")


def _of_study(path: Path) -> list[RunDirectory]:
    """Return a study's runs; those of configurations that ONNX Runtime does not honour were never made."""
    results = read_results(path)
    if not results.complete:
        raise UsageError(
            f"the study {path.name} is not complete", hint=f"`ortprof sweep {path.name}` goes on with it"
        )
    failures = [why for cell in results.cells if not cell.refused for why in cell.failures]
    if failures:
        raise UsageError(
            f"runs of the study {path.name} failed: {'; '.join(dict.fromkeys(failures))}",
            hint=f"`ortprof sweep {path.name} --retry-failed` tries them again",
        )
    recorded = [measured.run for cell in results.cells for measured in cell.measured]
    if not recorded:
        raise UsageError(f"the study {path.name} holds no run")
    return recorded
