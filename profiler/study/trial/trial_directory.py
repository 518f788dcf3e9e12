"""The trials of a reports folder: which there are, and which one a name means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run.directory import TRIAL_PAGE
from profiler.run.runs import AmbiguousNameError, directory_of, is_trial, list_trials, only_beginning
from profiler.study.study_record import StudyDirectory, find_run_or_study

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class TrialDirectory:
    """Paths of one trial's files."""

    path: Path

    @property
    def trial_id(self) -> str:
        """The directory's name."""
        return self.path.name

    @property
    def page(self) -> Path:
        """trial.html."""
        return self.path / TRIAL_PAGE

    @property
    def runs(self) -> Path:
        """A reports folder of its own: one directory a run."""
        return self.path / "runs"

    @property
    def output(self) -> Path:
        """What the command and its client printed."""
        return self.path / "output.log"


def find_any(name: str, reports: Path) -> RunDirectory | StudyDirectory | TrialDirectory:
    """Return what a name stands for: a run or a study (see `find_run_or_study`), else a trial.

    A trial goes by its directory, its id or a beginning of it. `UsageError` for none of them.
    """
    directory = directory_of(name, reports, is_trial)
    if directory is not None:
        return TrialDirectory(directory)
    try:
        return find_run_or_study(name, reports)
    except AmbiguousNameError:
        raise
    except UsageError:
        begun = only_beginning(name, list_trials(reports), "trials")
        if begun is None:
            raise
        return TrialDirectory(begun.resolve())
