"""The run directory: its paths, and how it is made. docs/architecture.md describes its files.

A run directory may come from a stranger: everything read from it is validated, nothing is executed.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from profiler.errors import MachineError
from profiler.raising import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARTIAL = ".partial-"
"""Prefix of a run directory that is being written."""
MANIFEST = "run.json"
STUDY_MANIFEST = "study.json"
STUDY_PAGE = "study.html"
FLEET_MANIFEST = "fleet.json"
FLEET_PAGE = "fleet.html"
TRIAL_MANIFEST = "trial.json"
TRIAL_PAGE = "trial.html"
REPORT = "report.html"
OWNER = ".owner"
"""File in a temporary run directory that its writer holds a lock on, as long as it runs."""


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Paths of one run's files."""

    path: Path

    @property
    def run_id(self) -> str:
        """The directory's name; while it is being written, the one that it will have."""
        return self.path.name.removeprefix(PARTIAL)

    def shown(self, command: Iterable[str]) -> list[str]:
        """Return a command line as a reader would type it in the directory."""
        return [part.replace(str(self.path), ".") for part in command]

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
    def inputs(self) -> Path:
        """inputs.json."""
        return self.path / "inputs.json"

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
    def decoding(self) -> Path:
        """decoding.json: how trace.npz was made."""
        return self.path / "decoding.json"

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
        return self.path / REPORT


PART_LENGTH = 70
"""Characters of each of a run id's three parts: a file name has 255, and may get a number behind it."""


def file_name_part(text: str) -> str:
    """Return text as part of a file name: anything but letters, digits and `._+=-` becomes `_`."""
    return re.sub(r"[^A-Za-z0-9._+=-]", "_", text)[:PART_LENGTH]


def make_run_id(model: str, configuration: str, limit: str | None, *, now: float | None = None) -> str:
    """Return `<UTC time>-<model>-<configuration>[-<limit>]`."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    parts = [stamp, file_name_part(model), file_name_part(configuration)]
    return "-".join(parts + ([file_name_part(limit)] if limit else []))


@contextlib.contextmanager
def create_run(reports: Path, name: str, *, manifest: str = MANIFEST) -> Iterator[RunDirectory]:
    """Make a run directory under a temporary name; on leaving the block it gets its own name.

    A block that raises leaves nothing behind if it wrote no `manifest`, else the directory keeps what it
    has. The value's path is the temporary one; `complete_path` is where it will be. `MachineError` where
    the reports folder can't be written.
    """
    run = None
    with contextlib.ExitStack() as marked:
        try:
            with held():
                run = _begin(reports, name, marked)
            yield run
        finally:
            with held():
                if run is not None and (run.path / manifest).exists():
                    settle(run, complete_path(run))
                elif run is not None:
                    shutil.rmtree(run.path, ignore_errors=True)


def _begin(reports: Path, name: str, marked: contextlib.ExitStack) -> RunDirectory:
    """Make a temporary directory, with a mark that it is being written; the mark stays locked in `marked`."""
    partial = None
    try:
        reports.mkdir(parents=True, exist_ok=True)
        partial = _reserve(reports, name)
        mark = marked.enter_context((partial / OWNER).open("w"))
    except OSError as error:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        raise MachineError(
            f"the reports folder {reports} can't be written: {error.strerror}",
            hint="choose another with --reports DIR",
        ) from error
    fcntl.flock(mark, fcntl.LOCK_EX)
    return RunDirectory(partial)


def settle(run: RunDirectory, path: Path) -> RunDirectory:
    """Give a run directory that nobody writes any more its own name, at `path`."""
    settled = RunDirectory(run.path.rename(path))
    with contextlib.suppress(OSError):  # what is no file there is nobody's mark
        (settled.path / OWNER).unlink(missing_ok=True)
    return settled


def complete_path(run: RunDirectory) -> Path:
    """Return where a run directory is, or will be once it is complete."""
    return run.path.with_name(run.run_id)


def address(name: str) -> str:
    """Return a directory's name as a page beside it links to it; a name need not be UTF-8."""
    return quote(os.fsencode(name), safe="")


def _reserve(reports: Path, name: str) -> Path:
    """Make the temporary directory for the first free name of `name`, `name.2` and so on."""
    for wanted in _names(reports / name):
        partial = wanted.with_name(PARTIAL + wanted.name)
        with contextlib.suppress(FileExistsError):
            partial.mkdir()
            # Looked for only now: between a look and mkdir, another writer could finish under this name.
            if not wanted.exists():
                return partial
            partial.rmdir()
    raise AssertionError("names never end")


def free_path(path: Path) -> Path:
    """Return a path that nothing stands at yet: itself, or with `.2` and so on behind it."""
    return next(candidate for candidate in _names(path) if not candidate.exists())


def _names(path: Path) -> Iterator[Path]:
    yield path
    for number in itertools.count(2):
        yield path.with_name(f"{path.name}.{number}")
