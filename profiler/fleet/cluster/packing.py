"""A run directory as one piece of bytes, without the recording, and back."""

from __future__ import annotations

import io
import lzma
import re
import tarfile
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.run.copying import appearing, carried
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9_+=-][A-Za-z0-9._+=-]*")
LARGEST = 1 << 30
"""Bytes of all files of a run together."""


def pack(run: RunDirectory) -> bytes:
    """Return a run directory's files as a compressed tar archive, the same for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz", preset=1) as archive:
        for path in carried(run):
            content = files.content(path)
            entry = tarfile.TarInfo(path.name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def unpack(content: bytes, path: Path) -> RunDirectory:
    """Write a packed run to `path`, where it appears whole; what stands there is left as it is.

    The pack may come from a stranger: it can write nothing but files of its own folder. `UsageError` where
    it is no packed run, `NotWrittenError` where it can't be written.
    """
    run = RunDirectory(path)
    if run.manifest.is_file():
        return run
    with appearing(path) as partial:
        _extract(content, partial)
        if not RunDirectory(partial).manifest.is_file():
            raise UsageError(f"what should be {path.name} is no run")
    return run


def _extract(content: bytes, folder: Path) -> None:
    left = LARGEST
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:xz") as archive:
            for entry in archive:
                file = archive.extractfile(entry) if entry.isreg() and NAME.fullmatch(entry.name) else None
                if file is None or entry.size > left:
                    raise UsageError(f"a packed run has no {entry.name!r} of {entry.size:,} bytes")
                left -= entry.size
                files.write(folder / entry.name, file.read())
    except (tarfile.TarError, lzma.LZMAError, EOFError, ValueError, OverflowError) as error:
        raise UsageError(f"a packed run is damaged: {error}") from error
