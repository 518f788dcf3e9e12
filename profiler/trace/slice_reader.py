"""One slice of a recording, read by a process of its own into a file.

perf is at work before what reads it is imported.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.process import pieces, stream_output

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

BEAT_SECONDS = 1
"""How often a reader says that it lives, far below `process.SILENT_SECONDS`."""
PROGRAM = f"""
import sys
sys.path = [folder for folder in sys.path if folder]  # not what happens to be in the working directory
from {__name__} import main
main(sys.argv[1:])
"""


def arguments(command: Sequence[str], pids: Collection[int], path: Path) -> tuple[str, ...]:
    """Return what `main` takes: `command` prints the slice, which is read into `path`."""
    return (str(path), ",".join(map(str, pids)), *command)


def main(given: Sequence[str]) -> None:
    """Read one slice into a file; end before that where nobody reads our output, as our parent does."""
    os.setpgid(0, 0)  # perf ends with us
    gc.disable()  # nothing that is read here ends before we do
    threading.Thread(target=_beat, daemon=True).start()
    path, pids, *command = given
    with stream_output(command) as output:
        from profiler.trace import store  # noqa: PLC0415  while perf begins
        from profiler.trace.parser import parse  # noqa: PLC0415  while perf begins

        trace = parse(pieces(output), [int(pid) for pid in pids.split(",") if pid])
    store.save(Path(path), trace, packed=False)  # it is read at once


def _beat() -> None:
    """Say that we live, until our parent does no more: the kernel tells of that at once."""
    output = select.poll()
    output.register(1, 0)  # what stands for its end is told unasked
    try:
        while not output.poll(BEAT_SECONDS * 1000):
            os.write(1, b"\n")  # not through `sys.stdout`: its lock would be held while the interpreter ends
    finally:
        os.killpg(0, signal.SIGKILL)
