"""Files that a user names for output: `-` is standard output, which takes one document."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.cli.options.shared_options import as_path
from profiler.cli.terminal.streams import STDOUT_DESCRIPTOR
from profiler.errors import UsageError
from profiler.files import STDOUT

if TYPE_CHECKING:
    from rich.console import Console


def as_output(given: object) -> Path:
    """Return where to write; `ValueError` for an empty path."""
    path = as_path(given)
    return STDOUT if path == Path("-") else path


def console_beside(*outputs: Path | None, json_output: bool) -> Console:
    """Return the console for what is said beside the documents that a command writes.

    It is standard error's where a document goes to standard output. `UsageError` where two documents would.
    """
    from profiler.cli.terminal.console import err, out

    there = sum(is_stdout(path) for path in outputs if path is not None)
    if there + json_output > 1:
        raise UsageError(
            "two documents can't both go to standard output",
            hint="write one of them to a file, or leave out --json",
        )
    return err() if there else out()


def is_stdout(path: Path) -> bool:
    """Whether a path leads to what standard output is; the null device takes any number of documents."""
    with contextlib.suppress(OSError):  # not there yet, or closed
        there = path.stat()
        return os.path.samestat(there, os.fstat(STDOUT_DESCRIPTOR)) and not _is_null(there)
    return path == STDOUT


def _is_null(there: os.stat_result) -> bool:
    return os.path.samestat(there, Path(os.devnull).stat())
