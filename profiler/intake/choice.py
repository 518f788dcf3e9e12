"""Which format a file is of: by its name where that says, then by how it begins."""

from __future__ import annotations

import gzip
import itertools
import os
import zlib
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import UsageError
from profiler.intake import collapsed, firefox, perf_lines, perf_text, pprof, samply_symbols
from profiler.intake.intake_error import IntakeError
from profiler.trace.perf_data import MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from profiler.intake.taken import Taken

GZIP = b"\x1f\x8b"
PPROF = (".pb", ".pprof")
COLLAPSED = (".collapsed", ".folded")
_LOOKED_AT = 2000
"""Lines among which there is one of a text's format; perf's header and its warnings may come first."""
_SIGNATURE = 64
_CHUNK = 1 << 20
_FIRST_PRINTABLE = 0x20
_WHITE = b"\t\n\r\x0b\x0c\x1b"
_LONGEST_LINE = 1 << 20
_MOST_PACKED = 100
"""Bytes that a compressed byte may stand for: `perf script` of one loop has some 40, what was made to fill a
memory or a day has a thousand."""
_LEAST_BOUND = 1 << 24
"""Bytes that a compressed file may always unpack to."""


def is_perf_data(path: Path) -> bool:
    """Whether perf wrote a file; `UsageError` where it can't be read."""
    try:
        with files.open_regular(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise files.not_read(path, error) from error


def take(path: Path) -> Taken:
    """Read a file of any format but perf.data's, compressed by gzip or not.

    `UsageError` names the file, and the line where it is a text.
    """
    try:
        with files.open_regular(path) as file, _opened(file) as content:
            return _take(path, content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: damaged: {error}", hint="is it cut off?") from error
    except OSError as error:
        raise files.not_read(path, error) from error
    except IntakeError as error:
        raise UsageError(f"{path}: {error.message}", hint=error.hint) from error


def _opened(file: BinaryIO) -> BinaryIO:
    """Return an open file's content, unpacked; `IntakeError` where that is more than it can be meant to hold.

    It is unpacked once to see that: to do so takes a moment, to read its lines may take a day.
    """
    packed = file.read(len(GZIP)) == GZIP
    file.seek(0)
    if not packed:
        return file
    content: BinaryIO = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]  # it reads as one
    most = left = max(_LEAST_BOUND, os.fstat(file.fileno()).st_size * _MOST_PACKED)
    while chunk := content.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise IntakeError(
                f"it unpacks to more than {most:,} bytes, hardly a recording; what is one, `gunzip` first"
            )
    content.seek(0)
    return content


def _take(path: Path, content: BinaryIO) -> Taken:
    name = path.name.removesuffix(".gz")
    beginning = content.read(_SIGNATURE)
    content.seek(0)
    if beginning.lstrip().startswith(b"{"):
        return firefox.take(_whole(content), samply_symbols.beside(path))
    if name.endswith(PPROF) or _is_pprof(beginning):
        return pprof.take(_whole(content))
    lines = _lines(content)
    first = list(itertools.islice(lines, _LOOKED_AT))
    return _text_format(name, first)(itertools.chain(first, lines))


def _is_pprof(beginning: bytes) -> bool:
    """Whether a file is no text: a message's lengths and numbers are control characters."""
    return any(byte < _FIRST_PRINTABLE and byte not in _WHITE for byte in beginning)


def _whole(content: BinaryIO) -> bytes:
    size = content.seek(0, os.SEEK_END)
    if size > files.LARGEST:
        raise IntakeError(f"more than {files.LARGEST:,} bytes")
    content.seek(0)
    return content.read(size)


def _lines(content: BinaryIO) -> Iterator[bytes]:
    """Yield lines; `IntakeError` at one that no text has, before it fills the memory."""
    number = 0
    while line := content.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise IntakeError("longer than any line of a recording", line_number=number, text=line)
        yield line


def _text_format(name: str, beginning: list[bytes]) -> Callable[[Iterable[bytes]], Taken]:
    if name.endswith(COLLAPSED):
        return collapsed.take
    for line in beginning:
        if perf_lines.timed_header(line) or perf_lines.untimed_header(line) or perf_lines.is_in_chain(line):
            return perf_text.take
    said = next((line for line in beginning if line.strip() and not line.startswith(b"#")), b"")
    return collapsed.take if collapsed.is_line(said) else perf_text.take
