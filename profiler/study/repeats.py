"""The repeats that a reports folder holds: what runs of one thing differ by on this machine."""

from __future__ import annotations

import contextlib
from itertools import islice
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.run import runs
from profiler.study.measured import Measured, read_measured
from profiler.study.study_record import State, StudyDirectory, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from profiler.run.directory import RunDirectory
    from profiler.study.identity import Identity

MOST_RUNS = 60
"""The latest are enough, and reading takes time."""
ALIKE = ("Processor", "Logical CPUs", "Limit")
"""What the variation of runs depends on most: throttled ones vary several times as much as others."""


def repeats_of(folder: Path, like: Identity) -> list[list[Measured]]:
    """Return groups of repeats that were measured under conditions alike, of the folder's latest runs.

    What can't be read is passed over: somebody else's run must not forbid comparing these.
    """
    wanted = _conditions(like)
    groups: dict[Identity, list[Measured]] = {}
    for run in islice(_latest(folder), MOST_RUNS):
        with contextlib.suppress(UsageError):
            measured = read_measured(run)
            if _conditions(measured.identity) == wanted:
                groups.setdefault(measured.identity, []).append(measured)
    return [group for group in groups.values() if len(group) > 1]


def _conditions(identity: Identity) -> list[tuple[str, str]]:
    return [(label, text) for label, text in identity if label in ALIKE]


def _latest(folder: Path) -> Iterator[RunDirectory]:
    """Yield the runs of a folder, then those of its studies; the latest first."""
    yield from reversed(runs.list_runs(folder))
    for path in reversed(runs.list_studies(folder)):
        study = StudyDirectory(path)
        with contextlib.suppress(UsageError):
            for scheduled in reversed(read_record(study).schedule):
                if scheduled.state is State.DONE:
                    yield study.run(scheduled)
