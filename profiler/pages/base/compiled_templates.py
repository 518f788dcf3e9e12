"""Templates compiled once: their bytecode, in the user's cache folder.

Compiling takes longer than filling them. What is loaded from there is code, so the folder and its files have
to be this user's own and closed to writing by others; anything else is as if nothing were there.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

import jinja2
import platformdirs

from profiler import files
from profiler.errors import NotWrittenError

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2.bccache import Bucket

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def default_folder() -> Path:
    """Return the folder for compiled templates under the user's cache folder (XDG)."""
    return platformdirs.user_cache_path("ortprof") / "templates"


class CompiledTemplates(jinja2.BytecodeCache):
    """Keeps each template under jinja's key; jinja itself checks that it is of that source and version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its bytecode where there is some that this user wrote."""
        with contextlib.suppress(OSError, EOFError, ValueError, TypeError):
            if not _ours(self._folder.lstat()):
                return
            with files.open_regular(self._path(bucket)) as file:
                if _ours(os.fstat(file.fileno())):
                    bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's bytecode; where that can't be, it is compiled again next time."""
        with contextlib.suppress(OSError, NotWrittenError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _ours(self._folder.lstat()):
                files.write(self._path(bucket), bucket.bytecode_to_string())

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.bytecode"


def _ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & OTHERS_WRITE
