"""What programs print that run meanwhile: their lines, or pieces of it."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from profiler import process
from profiler.errors import MachineError
from profiler.raising import held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias

    Output: TypeAlias = "io.BufferedReader[_Pipe]"

PIECE_BYTES = 1 << 16
PIPE_BYTES = 1 << 20
"""What a pipe is to hold; anyone may have that (pipe(7))."""
GATHER_SECONDS = 0.001
"""Within which the fastest program does not fill a pipe."""


class _Pipe(io.RawIOBase):
    """From a program that may not be silent for ever: `MachineError` then."""

    def __init__(self, pipe: IO[bytes], program: str) -> None:
        self._pipe = pipe
        self._program = program
        self.ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io passes
        if not _says_something(self._pipe, process.SILENT_SECONDS):
            raise self.silent()
        count = os.readv(self._pipe.fileno(), [buffer])
        self.ended = self.ended or count == 0
        return count

    def fileno(self) -> int:
        return self._pipe.fileno()

    def silent(self) -> MachineError:
        """Return what to raise where it is."""
        return MachineError(f"{self._program} said nothing for {process.SILENT_SECONDS:g} s")

    def close(self) -> None:
        self._pipe.close()
        super().close()


@contextlib.contextmanager
def stream_output(args: Sequence[str]) -> Iterator[Output]:
    """Run a program and read its output as it comes: its lines, by iteration, or else `pieces` of it.

    Standard error goes to a file, so that neither pipe can block the other. Leaving the block before
    the output has ended interrupts the program, and stops one that goes on; after that, `MachineError` with
    the last line of standard error if it failed, as also when it can't be started.
    """
    with tempfile.TemporaryFile() as errors:
        child = process.popen(args, errors, {}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
        assert child.stdout is not None
        with contextlib.suppress(OSError):  # a user who has many pipes may have small ones alone
            fcntl.fcntl(child.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        pipe = _Pipe(child.stdout, args[0])
        stdout = io.BufferedReader(pipe, 1 << 20)
        try:
            yield stdout
        finally:
            with held():
                if not pipe.ended:
                    _interrupt(child, child.stdout)
                stdout.close()
            try:
                if pipe.ended:
                    process.wait(child, process.SILENT_SECONDS)
            finally:
                process.stop(child, first=signal.SIGTERM)
        if pipe.ended and child.returncode != 0:
            errors.seek(0)
            raise process.failure(args, child.returncode, errors.read().decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Printing:
    """A program that prints."""

    output: Output
    _running: contextlib.ExitStack

    def end(self) -> None:
        """Leave it as `stream_output` does, with its errors."""
        self._running.close()


@contextlib.contextmanager
def side_by_side(commands: Iterable[Sequence[str]]) -> Iterator[Sequence[Printing]]:
    """Run programs at once, each as `stream_output` does; the block's end is theirs, if not before."""
    with contextlib.ExitStack() as all_of_them:
        started = []
        for command in commands:
            running = all_of_them.enter_context(contextlib.ExitStack())
            started.append(Printing(running.enter_context(stream_output(command)), running))
        yield started


def pieces(outputs: Sequence[Output]) -> Iterator[tuple[int, bytes]]:
    """Iterate over what programs print that run side by side: by which of them, and a piece, cut anywhere.

    An empty piece is the end of one. What they print is gathered a little: most programs write 4 kB at a time
    into a pipe, and to wait for each would cost both sides a wake-up.
    `MachineError` where all that still run are silent for too long.
    """
    numbers = {output.fileno(): number for number, output in enumerate(outputs)}
    printed = select.poll()
    for file in numbers:
        printed.register(file, select.POLLIN)
    while numbers:
        found = printed.poll(process.SILENT_SECONDS * 1000)
        if not found:
            raise outputs[min(numbers.values())].raw.silent()
        fullest = 0
        for file, _ in found:
            piece = outputs[numbers[file]].read1(PIECE_BYTES)
            fullest = max(fullest, len(piece))
            if not piece:
                printed.unregister(file)
            yield numbers[file] if piece else numbers.pop(file), piece
        if numbers and fullest < PIECE_BYTES:
            time.sleep(GATHER_SECONDS)


def _interrupt(child: subprocess.Popen[bytes], output: IO[bytes]) -> None:
    """Ask a program to end, and read on until it has: where it can't write, it dies of that.

    perf then leaves its copies of the vDSO in /tmp (`machine__exit_vdso` in tools/perf/util/vdso.c).
    """
    process.send(child, signal.SIGINT, group=False)
    process.send(child, signal.SIGCONT, group=False)  # a stopped process would not notice
    deadline = time.monotonic() + process.TERMINATE_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if not _says_something(output, left) or not os.read(output.fileno(), PIECE_BYTES):
            return


def _says_something(output: IO[bytes], seconds: float) -> bool:
    """Wait for output, or its end."""
    waiting = select.poll()  # not `select.select`, beyond which files of high numbers are
    waiting.register(output, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))
