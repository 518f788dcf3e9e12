"""The run directory: paths, creation, listing, "latest of NAME". DESIGN.md describes its files.

A run directory may come from a stranger: everything read from it is validated, nothing is executed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler import files
from profiler.errors import MachineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTIAL = ".partial-"
"""Prefix of a run directory that is being written."""
MANIFEST = "run.json"
STUDY_MANIFEST = "study.json"
STUDY_PAGE = "study.html"
OWNER = ".owner"
"""File in a temporary run directory that holds the process id of its writer."""


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Paths of one run's files."""

    path: Path

    @property
    def run_id(self) -> str:
        """The directory's name; while it is being written, the one that it will have."""
        return self.path.name.removeprefix(PARTIAL)

    @property
    def manifest(self) -> Path:
        """run.json."""
        return self.path / MANIFEST

    @property
    def requests(self) -> Path:
        """requests.jsonl."""
        return self.path / "requests.jsonl"

    @property
    def counters(self) -> Path:
        """counters.json."""
        return self.path / "counters.json"

    @property
    def perf_data(self) -> Path:
        """perf.data, as perf wrote it."""
        return self.path / "perf.data"

    @property
    def mapped(self) -> Path:
        """Copies of the files that a container's process ran code from, at their paths in the container."""
        return self.path / "mapped"

    def root(self, *, contained: bool) -> Path:
        """Return the folder below which the profiled process's files are, as far as this machine has them."""
        return self.mapped if contained else Path("/")

    @property
    def trace(self) -> Path:
        """trace.npz."""
        return self.path / "trace.npz"

    @property
    def operators(self) -> Path:
        """operators.npz: what ONNX Runtime's own profiler wrote."""
        return self.path / "operators.npz"

    @property
    def operators_perf_data(self) -> Path:
        """operators.perf.data, recorded meanwhile."""
        return self.path / "operators.perf.data"

    @property
    def operators_trace(self) -> Path:
        """operators.trace.npz."""
        return self.path / "operators.trace.npz"

    @property
    def summary(self) -> Path:
        """summary.json."""
        return self.path / "summary.json"

    @property
    def report(self) -> Path:
        """report.html."""
        return self.path / "report.html"


def file_name_part(text: str) -> str:
    """Return text as part of a file name: anything but letters, digits and `._+=-` becomes `_`."""
    return re.sub(r"[^A-Za-z0-9._+=-]", "_", text)[:80]


def run_id(model: str, configuration: str, limit: str | None, *, now: float | None = None) -> str:
    """Return `<UTC time>-<model>-<configuration>[-<limit>]`."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    parts = [stamp, file_name_part(model), file_name_part(configuration)]
    return "-".join(parts + ([file_name_part(limit)] if limit else []))


@contextlib.contextmanager
def create(reports: Path, name: str, *, manifest: str = MANIFEST) -> Iterator[RunDirectory]:
    """Make a run directory under a temporary name; on leaving the block it gets its own name.

    A block that raises leaves nothing behind if it wrote no `manifest`, else the directory keeps what it
    has. The value's path is the temporary one; `complete_path` is where it will be. `MachineError` where
    the reports folder can't be written.
    """
    try:
        reports.mkdir(parents=True, exist_ok=True)
        partial = _reserve(reports, name)
    except OSError as error:
        raise MachineError(
            f"the reports folder {reports} can't be written: {error.strerror}",
            hint="choose another with --reports DIR",
        ) from error
    run = RunDirectory(partial)
    try:
        yield run
    finally:
        if (run.path / manifest).exists():
            # The owner's mark goes last: without it, `prunable` would take the directory for a dead run's.
            (partial.rename(complete_path(run)) / OWNER).unlink(missing_ok=True)
        else:
            shutil.rmtree(partial, ignore_errors=True)


def complete_path(run: RunDirectory) -> Path:
    """Return where a run directory is, or will be once it is complete."""
    return run.path.with_name(run.run_id)


def _reserve(reports: Path, name: str) -> Path:
    """Make the temporary directory for the first free name of `name`, `name.2` and so on."""
    for number in itertools.count(1):
        wanted = name if number == 1 else f"{name}.{number}"
        partial = reports / (PARTIAL + wanted)
        with contextlib.suppress(FileExistsError):
            partial.mkdir()
            # Looked for only now: between a look and mkdir, another writer could finish under this name.
            if not (reports / wanted).exists():
                (partial / OWNER).write_text(str(os.getpid()))
                return partial
            partial.rmdir()
    raise AssertionError("count never ends")


def is_run(path: Path) -> bool:
    """Whether a path is a complete or interrupted run's directory."""
    return _is_directory_with(path, MANIFEST)


def is_study(path: Path) -> bool:
    """Whether a path is a study's directory."""
    return _is_directory_with(path, STUDY_MANIFEST)


def _is_directory_with(path: Path, manifest: str) -> bool:
    try:
        return not path.name.startswith(".") and (path / manifest).is_file()
    except (OSError, ValueError):  # a name that is too long or holds a zero byte, a folder closed to us
        return False


def list_runs(reports: Path) -> list[RunDirectory]:
    """Return the runs of a reports folder, the oldest first."""
    if not reports.is_dir():
        return []
    return [RunDirectory(path) for path in sorted(reports.iterdir()) if is_run(path)]


def list_studies(reports: Path) -> list[Path]:
    """Return the directories of a reports folder's studies, the oldest first."""
    if not reports.is_dir():
        return []
    return [path for path in sorted(reports.iterdir()) if is_study(path)]


def find(name: str, reports: Path) -> RunDirectory:
    """Return a run by directory, run id, or the name of a configuration (its latest run).

    `UsageError` where there is none. A configuration matches by its label (`spin-on+t4`) or its name.
    """
    for path in (reports / name, Path(name)):
        if is_run(path):
            return RunDirectory(path.resolve())
    runs = list_runs(reports)
    for run in reversed(runs):
        # A broken neighbour must not hide the run that was asked for.
        with contextlib.suppress(UsageError, KeyError, TypeError):
            if name in configuration_names(files.read_json(run.manifest)):
                return run
    latest = ", ".join(run.run_id for run in runs[-3:])
    raise UsageError(
        f"there is no run {name!r} in {reports}",
        hint=f"the latest: {latest}; `ortprof runs` lists all" if latest else "`ortprof record` makes one",
    )


def configuration_names(manifest: dict[str, Any]) -> tuple[str, str]:
    """Return a run's configuration name, and its label with adjustments, from its manifest."""
    configuration = manifest["configuration"]
    return configuration["name"], "+".join((configuration["name"], *configuration["adjustments"]))


def read_summary(run: RunDirectory) -> dict[str, Any]:
    """Read summary.json; `UsageError` when it is missing or of another schema."""
    if not run.summary.exists():
        raise UsageError(f"{run.run_id} was not analysed", hint=f"`ortprof report {run.run_id}` does that")
    summary = files.read_json(run.summary)
    if not isinstance(summary, dict) or summary.get("schema") != "ortprof.summary/1":
        raise UsageError(f"{run.summary} is not a summary that this version of ortprof reads")
    return summary


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
        owner = int((partial / OWNER).read_text())
    except (OSError, ValueError):
        return False
    return Path(f"/proc/{owner}").exists()


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
