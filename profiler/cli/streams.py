"""Standard output and error that may be anything: closed, full, a pipe that ends, no UTF-8."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TYPE_CHECKING

from profiler.errors import ExitCode, MachineError

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def _forget() -> None:
    """Keep what is still buffered from being tried once more, as the interpreter does when it exits."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Closed(io.TextIOBase):
    """What stands in for a standard output that was closed before we began."""

    def writable(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        raise MachineError(f"standard output can't be written: {os.strerror(errno.EBADF)}")


@contextlib.contextmanager
def safe_streams() -> Iterator[None]:
    """Let a block print; `MachineError` where that fails, `SystemExit` where nobody reads any more."""
    plain = sys.stdout
    if plain is None:
        sys.stdout = _Closed()
    else:
        sys.stdout = _Output(
            plain.buffer, plain.encoding, errors="replace", line_buffering=bool(plain.line_buffering)
        )
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  until we end
    elif isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="replace")
    try:
        yield
    finally:
        sys.stdout.flush()
