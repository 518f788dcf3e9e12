"""What was found out about a library, kept between runs: one `.npz` a build, without pickles.

The table of its debug information (`profiler.symbols.line_table`) is kept beside it, as are verdicts on
functions where samples fell (`profiler.symbols.verdict_cache`).
A build id alone does not name a file: stripping keeps it. With the file's size it does well enough. Files
without a build id are not kept. An entry that can't be read is made anew, one that can't be written is not
kept: neither is an error.
"""

from __future__ import annotations

import contextlib
import os
import time
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import platformdirs

from profiler.errors import NotWrittenError
from profiler.files import open_regular, replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from profiler.arrays import Column
    from profiler.symbols.elf import ElfFile

VERSION = 8
"""Raise it when the columns, or the way they are found, change: older files are then built anew, and runs
that hold what was found by an older one say so."""
UNUSED_DAYS = 60
"""Whoever builds ONNX Runtime every day leaves a table of some 80 MB each time."""
UNREADABLE = (OSError, ValueError, KeyError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error)


def default_folder() -> Path:
    """Return the folder for library indices under the user's cache folder (XDG)."""
    return platformdirs.user_cache_path("ortprof") / "symbols"


def entry(folder: Path, elf: ElfFile, suffix: str = "npz", version: int = VERSION) -> Path | None:
    """Path of what is kept of a library: its index, or what else has a suffix and a version of its own.

    None when the library has no build id to know it by.
    """
    if elf.build_id is None:
        return None
    return folder / f"{elf.build_id}-{len(elf.data):x}-v{version}.{suffix}"


def load(path: Path, types: Mapping[str, npt.DTypeLike]) -> dict[str, Column] | None:
    """Read one-dimensional columns of these names and types; None when the file does not have them."""
    try:
        with open_regular(path) as file, np.load(file, allow_pickle=False) as stored:
            columns = {name: stored[name] for name in types}
    except UNREADABLE:
        return None
    touch(path)
    wrong = (n for n, kind in types.items() if columns[n].dtype != np.dtype(kind) or columns[n].ndim != 1)
    return None if any(wrong) else columns


def save(path: Path, columns: Mapping[str, Column]) -> None:
    """Keep columns."""
    keep(path, lambda file: np.savez(file, allow_pickle=False, **columns))


def keep(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write an entry in one step, and remove those that were not used for `UNUSED_DAYS`."""
    with contextlib.suppress(OSError, NotWrittenError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            write(file)
        _remove_unused(path.parent, time.time() - UNUSED_DAYS * 86400)


def touch(path: Path) -> None:
    """Note that an entry was used: its time of modification says when."""
    with contextlib.suppress(OSError):
        os.utime(path)


def _remove_unused(folder: Path, since: float) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another ortprof may have been faster
            if path.stat().st_mtime < since:
                path.unlink()
