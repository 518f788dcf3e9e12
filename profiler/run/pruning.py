"""What of a reports folder can go: recordings that were decoded, directories whose writer is gone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psutil

from profiler.run.directory import OWNER, PARTIAL, RunDirectory
from profiler.run.runs import list_runs

if TYPE_CHECKING:
    from pathlib import Path


def recording(run: RunDirectory) -> list[Path]:
    """Return what only decoding a run's recording needs, as far as it is there."""
    return [path for path in (run.perf_data, run.mapped) if path.exists()]


def prunable(reports: Path) -> list[Path]:
    """Return recordings of runs that have a trace.npz, and run directories whose writer is gone."""
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
    return recordings + [path for path in sorted(reports.glob(f"{PARTIAL}*")) if not _is_being_written(path)]


def _is_being_written(partial: Path) -> bool:
    """Whether the process that made a temporary directory still runs."""
    try:
        return psutil.pid_exists(int((partial / OWNER).read_text()))
    except (OSError, ValueError, OverflowError):  # the last: a number that no process can have
        return False


def size_of(path: Path) -> int:
    """Return the bytes that a file, a link, or the files below a folder, take."""
    if path.is_symlink() or path.is_file():
        return path.lstat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with what is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
