"""Folders outside of the reports folder, as long as a block runs; what a killed ortprof left is found."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.raising import held
from profiler.record.owner import PROC
from profiler.run.pruning import BEGINNING_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "ortprof-while-"


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder that is gone when the block ends; what killed ones left goes with its beginning."""
    folder = None
    with contextlib.ExitStack() as locked:
        try:
            with held():
                clear()
                folder = Path(tempfile.mkdtemp(prefix=PREFIX))
                _lock(folder, locked)
            yield folder
        finally:
            if folder is not None:
                with held():
                    shutil.rmtree(folder, ignore_errors=True)


def leftovers(proc: Path = PROC) -> list[Path]:
    """Return the folders of this user's whose maker is gone, and that no process was started with.

    A command that goes on without us starts others with its hooks.
    """
    found = sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))
    return [folder for folder in found if _is_abandoned(folder) and not _is_in_use(folder, proc)]


def clear() -> None:
    """Remove them, as far as that can be."""
    for folder in leftovers():
        shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path, stack: contextlib.ExitStack) -> None:
    """Lock it: that ends with its process, and is seen where a process's number means nothing."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    stack.callback(os.close, descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_abandoned(folder: Path) -> bool:
    try:
        made = folder.lstat()
        if made.st_uid != os.geteuid() or time.time() - made.st_mtime < BEGINNING_SECONDS:
            return False
        with contextlib.ExitStack() as stack:
            _lock(folder, stack)
    except OSError:  # locked, gone, or no folder
        return False
    return True


def _is_in_use(folder: Path, proc: Path) -> bool:
    named = os.fsencode(folder)
    for environment in proc.glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if named in environment.read_bytes():
                return True
    return False
