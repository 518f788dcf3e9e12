"""The runs, studies and trials of a reports folder: which there are, and which one a name means."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.errors import UsageError
from profiler.run.directory import FLEET_MANIFEST, MANIFEST, STUDY_MANIFEST, TRIAL_MANIFEST, RunDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST_CANDIDATES = 5
"""Names that an error lists."""


class AmbiguousNameError(UsageError):
    """Several runs or studies begin so."""


def is_run(path: Path) -> bool:
    """Whether a path is a complete or interrupted run's directory; its files may be damaged."""
    return _is_directory_with(path, MANIFEST)


def is_study(path: Path) -> bool:
    """Whether a path is a study's directory; its files may be damaged."""
    return _is_directory_with(path, STUDY_MANIFEST)


def is_trial(path: Path) -> bool:
    """Whether a path is a trial's directory; its files may be damaged."""
    return _is_directory_with(path, TRIAL_MANIFEST)


def is_fleet(path: Path) -> bool:
    """Whether a path is a fleet's directory; its files may be damaged."""
    return _is_directory_with(path, FLEET_MANIFEST)


def _is_directory_with(path: Path, manifest: str) -> bool:
    try:
        # Whatever stands there: the reader says what is wrong with it.
        return not path.name.startswith(".") and os.path.lexists(path / manifest)
    except ValueError:  # a zero byte
        return False


def list_runs(reports: Path) -> list[RunDirectory]:
    """Return the runs of a reports folder, the oldest first."""
    return [RunDirectory(path) for path in _directories_with(MANIFEST, reports)]


def latest_runs(reports: Path, most: int, skip: int = 0) -> tuple[list[RunDirectory], bool]:
    """Return a folder's latest runs but for `skip` later ones, the oldest first; and whether there are older.

    Of a large folder only what is asked for is looked at.
    """
    if not _is_folder(reports):
        return [], False
    with os.scandir(reports) as entries:  # a path each would be slow
        names = sorted((entry.name for entry in entries), reverse=True)
    all_runs = (RunDirectory(path) for name in names if is_run(path := reports / name))
    page = list(itertools.islice(all_runs, skip, skip + most))
    return page[::-1], next(all_runs, None) is not None


class EntryKind(Enum):
    """What a directory of a reports folder is, by the manifest in it."""

    RUN = MANIFEST
    STUDY = STUDY_MANIFEST
    FLEET = FLEET_MANIFEST
    TRIAL = TRIAL_MANIFEST


@dataclass(frozen=True, slots=True)
class Entry:
    """A run, a study, a fleet or a trial of a reports folder."""

    name: str
    kind: EntryKind
    changed_ns: int
    """When a file of its directory was last made, replaced or removed."""


def list_entries(reports: Path) -> list[Entry]:
    """Return the runs, studies, fleets and trials of a reports folder by name, so the oldest first.

    Of a hundred thousand in half a second: a path each would be slow.
    """
    if not _is_folder(reports):
        return []
    entries = []
    with os.scandir(reports) as listed:
        for item in listed:
            kind = None if item.name.startswith(".") else _kind_of(item.path)
            if kind is not None:
                with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                    entries.append(Entry(item.name, kind, item.stat().st_mtime_ns))
    return sorted(entries, key=lambda entry: entry.name)


def _kind_of(folder: str) -> EntryKind | None:
    return next((kind for kind in EntryKind if os.path.lexists(f"{folder}/{kind.value}")), None)


def list_studies(reports: Path) -> list[Path]:
    """Return the directories of a reports folder's studies, the oldest first."""
    return _directories_with(STUDY_MANIFEST, reports)


def list_trials(reports: Path) -> list[Path]:
    """Return the directories of a reports folder's trials, the oldest first."""
    return _directories_with(TRIAL_MANIFEST, reports)


def list_fleets(reports: Path) -> list[Path]:
    """Return the directories of a reports folder's fleets, the oldest first."""
    return _directories_with(FLEET_MANIFEST, reports)


def find_fleet(name: str, reports: Path) -> Path | None:
    """Return a fleet's directory by its id, path, or a beginning that no other has; None for no fleet."""
    directory = directory_of(name, reports, is_fleet)
    if directory is not None:
        return directory
    begun = only_beginning(name, list_fleets(reports), "fleets")
    return None if begun is None else begun.resolve()


def run_folders(reports: Path) -> list[Path]:
    """Return where runs of a reports folder are: itself, and the `runs` of studies, fleets and trials.

    Links are left out: what they lead to is another folder's.
    """
    fleets = [path for path in list_fleets(reports) if not path.is_symlink()]
    parts = [part for path in fleets for part in sorted(path.iterdir())]
    holders = [*list_studies(reports), *list_trials(reports), *parts]
    within = (path / "runs" for path in holders if not path.is_symlink())
    return [reports, *(path for path in within if path.is_dir() and not path.is_symlink())]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112  takes any name, also one that is too long


def _directories_with(manifest: str, reports: Path) -> list[Path]:
    if not _is_folder(reports):
        return []
    return [path for path in sorted(reports.iterdir()) if _is_directory_with(path, manifest)]


def directory_of(name: str, reports: Path, is_one: Callable[[Path], bool]) -> Path | None:
    """Return the directory that a name means by itself: a path, or an id in the reports folder; else None.

    A file in a directory stands for it: commands print the path of a page last, so that is what is at hand.
    """
    for path in (reports / name, Path(name)):
        directory = path.parent if os.path.isfile(path) else path  # noqa: PTH113  takes any name
        if is_one(directory):
            return directory.resolve()
    return None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the beginning of a hint that names what is spelled much like a name; empty where nothing is."""
    near = difflib.get_close_matches(name, set(known), n=1)
    return f"did you mean {near[0]!r}? " if near else ""


def find(name: str, reports: Path) -> RunDirectory:
    """Return a run by directory, run id or a beginning of one, or a configuration's name (see below).

    A path of a file in it, such as its report, stands for it. Of a configuration's runs the latest that is
    complete is taken; the latest where none is. A configuration matches by its label (`spin-on+t4`) or its
    name. `UsageError` where there is no such run, or several begin so.
    """
    return candidates(name, reports)[0]


def candidates(name: str, reports: Path) -> list[RunDirectory]:
    """Return the runs that a name may mean, `find`'s first: several of a configuration's name alone."""
    directory = directory_of(name, reports, is_run)
    if directory is not None:
        return [RunDirectory(directory)]
    runs = list_runs(reports)
    known: set[str] = set()
    called: dict[bool, list[RunDirectory]] = {True: [], False: []}
    for run in reversed(runs):
        # A broken neighbour must not hide the run that was asked for.
        with contextlib.suppress(UsageError, KeyError, TypeError):
            manifest = files.read_json(run.manifest)
            names = configuration_names(manifest)
            known.update(names)
            if name in names:
                called[manifest.get("complete") is not False].append(run)
    if called[True] or called[False]:
        return called[True] + called[False]
    begun = only_beginning(name, [run.path for run in runs], "runs")
    if begun is not None:
        return [RunDirectory(begun.resolve())]
    if (kind := kind_of_several(name, reports)) is not None:
        raise UsageError(
            f"{name} is a {kind}, not a run", hint="`ortprof show` shows it; its runs are below it"
        )
    latest = ", ".join(run.run_id for run in runs[-3:])
    raise UsageError(
        f"there is no run {name!r} in {reports}",
        hint=(
            f"{did_you_mean(name, known)}the latest: {latest}; `ortprof runs` lists all"
            if latest
            else "`ortprof record` makes one"
        ),
    )


def kind_of_several(name: str, reports: Path) -> str | None:
    """Return what a name means by itself that holds several runs: a study, a fleet or a trial; else None."""
    kinds = {"study": is_study, "fleet": is_fleet, "trial": is_trial}
    return next((kind for kind, is_one in kinds.items() if directory_of(name, reports, is_one)), None)


def only_beginning(name: str, paths: list[Path], what: str) -> Path | None:
    """Return the only path whose name begins so, or None; `AmbiguousNameError` where several do."""
    begun = [path for path in paths if name and path.name.startswith(name)]
    if len(begun) > 1:
        shown = ", ".join(path.name for path in begun[:MOST_CANDIDATES])
        more = f" and {len(begun) - MOST_CANDIDATES} more" if len(begun) > MOST_CANDIDATES else ""
        raise AmbiguousNameError(f"{len(begun)} {what} begin with {name!r}", hint=f"{shown}{more}")
    return begun[0] if begun else None


def configuration_names(manifest: dict[str, Any]) -> tuple[str, ...]:
    """Return what a run goes by: its configuration's name, and its label with adjustments, from its manifest.

    Of an import, and of what was attached to, what it is called, too.
    """
    configuration = manifest["configuration"]
    foreign = manifest.get("imported") or manifest.get("attached")
    called = () if foreign is None else (foreign["name"],)
    if configuration is None:
        return called
    return configuration["name"], "+".join((configuration["name"], *configuration["adjustments"])), *called
