"""What of a reports folder can go: recordings that were decoded, directories whose writer is gone."""

from __future__ import annotations

import fcntl
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.run.directory import OWNER, PARTIAL, RunDirectory, complete_path, free_path, settle
from profiler.run.runs import is_run, list_runs, run_folders
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from profiler.run.manifest import Manifest

BEGINNING_SECONDS = 60.0
"""A directory without an owner's mark may be one whose writer has just made it."""


def recording(run: RunDirectory) -> list[Path]:
    """Return what only decoding a run's recording needs, as far as it is there."""
    return [path for path in (run.perf_data, run.mapped) if path.exists()]


def with_others(run: RunDirectory, manifest: Manifest) -> list[Path]:
    """Return recordings, decoded already, that other processes' stacks are in and nobody asked to keep."""
    if manifest.keeps_perf_data:
        return []
    operators = None if manifest.operators is None else manifest.operators.perf
    return [
        recorded
        for perf, recorded, trace in (
            (manifest.perf, run.perf_data, run.trace),
            (operators, run.operators_perf_data, run.operators_trace),
        )
        if perf is not None and perf.scope is Scope.CPUS and recorded.exists() and trace.exists()
    ]


def prunable(reports: Path) -> list[Path]:
    """Return recordings of runs that have a trace.npz, and what recordings left that were killed early."""
    if not reports.is_dir():
        return []
    recordings = [
        path
        for run in list_runs(reports)
        for trace, paths in (
            (run.trace, recording(run)),
            (run.operators_trace, [run.operators_perf_data]),
        )
        for path in paths
        if trace.exists() and path.exists()
    ]
    left = (run for folder in run_folders(reports) for run in abandoned(folder))
    return recordings + [run.path for run in left if not run.manifest.is_file()]


def abandoned(reports: Path) -> list[RunDirectory]:
    """Return the temporary directories of a reports folder whose writers are gone."""
    partial = sorted(reports.glob(f"{PARTIAL}*")) if reports.is_dir() else []
    folders = (path for path in partial if path.is_dir() and not path.is_symlink())
    return [RunDirectory(path) for path in folders if not is_being_written(path)]


def rescue(reports: Path) -> list[RunDirectory]:
    """Give runs whose writer was killed their own names, as far as a phase of theirs is finished.

    What was killed before that is removed. Return the rescued: they are complete to that phase's end.
    """
    rescued = []
    for run in abandoned(reports):
        if run.manifest.is_file():
            rescued.append(settle(run, free_path(complete_path(run))))
        else:
            shutil.rmtree(run.path, ignore_errors=True)
    return rescued


def is_being_written(partial: Path) -> bool:
    """Whether the process that made a temporary directory still runs: it holds a lock on its mark.

    A lock ends with its process, and is seen from other containers too, where a process id means nothing.
    """
    try:
        with files.open_regular(partial / OWNER) as mark:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return _age(partial) < BEGINNING_SECONDS
    except BlockingIOError:
        return True
    except OSError:  # no file of ours stands there
        return False
    return False


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def size_of(path: Path) -> int:
    """Return the bytes that a file, a link, or the files below a folder, take."""
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def remove_run(name: str, reports: Path) -> Path:
    """Remove a run from a reports folder by its id, or a link to one without what it leads to.

    `UsageError` for what is no run of that folder: directories elsewhere are somebody else's.
    """
    path = reports / Path(name).name
    if Path(name).parent not in (Path(), reports) or not is_run(path):
        raise UsageError(
            f"{name} is no run of {reports}",
            hint="give a run's id, as `ortprof runs` lists it; a directory elsewhere is yours to remove",
        )
    remove(path)
    return path


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with what is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
