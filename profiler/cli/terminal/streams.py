"""Standard output and error that may be anything: closed, full, a pipe that ends, no UTF-8."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import ExitCode, MachineError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

STDOUT_DESCRIPTOR = 1
LAST_STANDARD = 2


class _Output(io.TextIOWrapper):
    """Standard output: ends the program in silence where nobody reads, with a line where it is full."""

    def write(self, text: str) -> int:
        with explained():
            return super().write(text)

    def flush(self) -> None:
        with explained():
            super().flush()


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Let a block write to standard output; errors as `safe_streams`."""
    try:
        yield
    except BrokenPipeError:
        _forget()
        sys.exit(ExitCode.UNREAD)
    except OSError as error:
        _forget()
        raise MachineError(f"standard output can't be written: {error.strerror}") from error


class _Messages(io.TextIOWrapper):
    """Standard error: what can't be told is not, and no work is lost for it."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            _forget(2)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            _forget(2)


def _forget(stream: int = 1) -> None:
    """Keep what is still buffered from being tried once more, as the interpreter does when it exits."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream)
        os.close(null)


class _Closed(io.TextIOBase):
    """What stands in for a standard output that was closed before we began."""

    def writable(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        raise MachineError(f"standard output can't be written: {os.strerror(errno.EBADF)}")


@contextlib.contextmanager
def safe_streams() -> Iterator[None]:
    """Let a block print; `MachineError` where that fails, `SystemExit` where nobody reads any more."""
    _take_closed()
    plain = sys.stdout
    if plain is None:
        sys.stdout = _Closed()
    else:
        sys.stdout = _Output(
            plain.buffer, plain.encoding, errors="replace", line_buffering=bool(plain.line_buffering)
        )
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  until we end
    else:
        sys.stderr = _Messages(sys.stderr.buffer, sys.stderr.encoding, errors="replace", line_buffering=True)
    try:
        yield
    finally:
        sys.stdout.flush()


@contextlib.contextmanager
def as_file(path: Path) -> Iterator[Path]:
    """Have a file that a user named for input while the block runs; for `-` one with what standard input has.

    `UsageError` where that is a terminal: nobody types a recording.
    """
    if path != Path("-"):
        yield path
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "-: nothing comes from standard input", hint="pipe a recording into it, or name a file"
        )
    from profiler.record.temporary import temporary_folder

    with temporary_folder() as folder:
        kept = folder / "stdin"
        with kept.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield kept


def _take_closed() -> None:
    """Open something as each standard stream that is closed; else a file would become it.

    Standard output becomes what refuses to be written, as it does itself, under each of its names: the end
    of a pipe that is read from.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= LAST_STANDARD:
        if descriptor == STDOUT_DESCRIPTOR:
            reads, writes = os.pipe()
            os.dup2(reads, STDOUT_DESCRIPTOR, inheritable=True)
            os.close(reads)
            os.close(writes)
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
