"""A recording that perf is to read, opened once: nothing can take its place behind a look at it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.files import open_regular
from profiler.process import ProgramFailedError
from profiler.trace.parse_error import TraceFileError
from profiler.trace.perf_data import MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterator

AGAIN = "record again"
UNREADABLE = "is it whole, and written by a perf that this machine's can read?"


@contextlib.contextmanager
def opened(perf_data: Path) -> Iterator[Path]:
    """Yield a path for perf, of the file that was looked at, for as long as the block lasts.

    perf itself would wait on a FIFO for ever, and by the time it opens a path another process may have put
    one there. `TraceFileError` for what is no regular file, or not one that perf wrote, and where perf itself
    fails with it; `MachineError` where perf is missing, killed or hangs. Both name the file as it was given.
    """
    try:
        file = open_regular(perf_data)
    except OSError as error:
        raise TraceFileError(perf_data, error.strerror or "can't be read", hint=AGAIN) from error
    with file:
        if file.read(len(MAGIC)) != MAGIC:
            raise TraceFileError(perf_data, "perf did not write that, or not to its end", hint=AGAIN)
        # Of this process, not `self`: its children's children open it, too.
        path = Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")
        try:
            yield path
        except MachineError as error:
            told = error.message.replace(str(path), str(perf_data))
            if isinstance(error, ProgramFailedError):
                raise TraceFileError(perf_data, told, hint=UNREADABLE) from error
            raise MachineError(told, hint=error.hint) from error
