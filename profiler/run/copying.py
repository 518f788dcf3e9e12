"""A run directory taken elsewhere: what a reader needs of it, without the recording."""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.run.directory import PARTIAL, RunDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def carried(run: RunDirectory) -> list[Path]:
    """Return the regular files of a run's folder, but no recording and nothing hidden."""
    left = {run.perf_data, run.operators_perf_data}
    try:
        return sorted(
            path
            for path in run.path.iterdir()
            if path not in left and not path.name.startswith(".") and path.is_file() and not path.is_symlink()
        )
    except OSError as error:
        raise files.not_read(run.path, error) from error


def copy_run(run: RunDirectory, path: Path) -> RunDirectory:
    """Copy a run directory to `path`, where it appears whole; what stands there is left as it is.

    `UsageError` where it can't be read, `NotWrittenError` where the copy can't be written.
    """
    if not run.manifest.is_file():
        raise UsageError(f"there is no run in {run.path}")
    copied = RunDirectory(path)
    if copied.manifest.is_file():
        return copied
    with appearing(path) as partial:
        for source in carried(run):
            files.write(partial / source.name, files.content(source))
    return copied


@contextlib.contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Make a folder that is at `path` when the block ends well, and nowhere otherwise.

    `NotWrittenError` where it can't be made there.
    """
    partial = path.with_name(PARTIAL + path.name)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise files.not_written(partial, error) from error
    try:
        yield partial
        try:
            partial.rename(path)
        except OSError as error:
            raise files.not_written(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
