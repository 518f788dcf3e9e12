"""A large recording read in time slices side by side, each by a perf and a parser of its own.

perf skips what is outside a slice before it unwinds it, and unwinding is nearly all of its work. It skips
samples alone: it would print switches and losses of the whole recording with each slice, and so is asked for
them with the last one alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import itertools
import os
import select
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler import process
from profiler.errors import OrtprofError
from profiler.trace import store
from profiler.trace.joining import join
from profiler.trace.parser import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from profiler.trace.model import Trace

SLICE_BYTES = 256 << 20
"""Of perf.data, for one slice: reading it takes longer than to start another interpreter."""
MOST_SLICES = 8
FEW_CPUS = 2
LARGE_BYTES = 2 << 30
"""Of perf.data, from where on slices are worth it on so few CPUs.

There perf and the parser of one reader have a CPU each, and each perf of several reads the whole file once
more: two slices take 1.2 times as long for 852 MB of polling threads, whose chains are short, and 0.86 times
for 4.1 GB of a session that is called back to back."""
BEAT_SECONDS = 1
"""How often a reader says that it lives, far below `process.SILENT_SECONDS`."""
CHILD = f"""
import sys
sys.path = [folder for folder in sys.path if folder]  # not what happens to be in the working directory
from {__name__} import main
main(sys.argv[1:])
"""
LAST_NS = (1 << 63) - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Slice:
    """From one instant to before another, in nanoseconds of the recording's clock."""

    start_ns: int
    end_ns: int

    @property
    def option(self) -> str:
        """What `--time` takes, whose ends are both within: perf-script(1)."""
        return f"{_seconds(self.start_ns)},{_seconds(self.end_ns - 1) if self.end_ns < LAST_NS else ''}"


def how_many(size: int, cpus: int) -> int:
    """Return how many slices a recording of `size` bytes is worth; one where cutting wins nothing."""
    worth_it = cpus > FEW_CPUS or size >= LARGE_BYTES
    return max(1, min(size // SLICE_BYTES, cpus, MOST_SLICES)) if worth_it else 1


def cut(span_ns: tuple[int, int], count: int) -> list[Slice]:
    """Return slices of a recording that lies within a span.

    The first and the last go on to the beginning and the end, whatever is outside the span.
    """
    cuts = np.linspace(*span_ns, count + 1).astype(np.int64).tolist()[1:-1]
    ends = [0, *cuts, LAST_NS]
    return [Slice(start, end) for start, end in itertools.pairwise(ends)]


def read_slice(command: Sequence[str], part: Slice, pids: Collection[int]) -> Trace:
    """Run `perf script` for a slice and read it; errors as `perf_script.decode`'s."""
    with process.stream_lines((*command, "--time", part.option)) as lines:
        return parse(lines, pids)


def read_side_by_side(
    commands: Sequence[Sequence[str]], parts: Sequence[Slice], pids: Collection[int], folder: Path
) -> Trace | None:
    """Read slices at once, each by a reader of its own; None where one could not be read, or hangs.

    Each has its command; one alone prints losses, and one switches. `folder` takes their traces until they
    are read. Where it is None, reading all in one go says what is wrong.
    """
    with tempfile.TemporaryDirectory(prefix=".slices-", dir=folder) as beside:
        paths = [Path(beside) / f"{number}.npz" for number in range(len(parts))]
        try:
            with contextlib.ExitStack() as running:
                readers = [
                    running.enter_context(process.stream_lines(_reader(command, part, pids, path)))
                    for command, part, path in zip(commands, parts, paths, strict=True)
                ]
                for beats in readers:
                    for _ in beats:
                        pass
            return join([store.load(path)[0] for path in paths])
        except OrtprofError:
            return None


def _reader(command: Sequence[str], part: Slice, pids: Collection[int], path: Path) -> tuple[str, ...]:
    """Return the program that reads a slice: this module."""
    arguments = (str(path), str(part.start_ns), str(part.end_ns), ",".join(map(str, pids)), *command)
    return (sys.executable, "-c", CHILD, *arguments)


def main(arguments: Sequence[str]) -> None:
    """Read one slice into a file; end before that where nobody reads our output, as our parent does."""
    os.setpgid(0, 0)  # perf ends with us
    gc.disable()  # nothing that is read here ends before we do
    threading.Thread(target=_beat, daemon=True).start()
    path, start, end, pids, *command = arguments
    part = Slice(int(start), int(end))
    store.save(Path(path), read_slice(command, part, [int(pid) for pid in pids.split(",") if pid]))


def _beat() -> None:
    """Say that we live, until our parent does no more: the kernel tells of that at once."""
    output = select.poll()
    output.register(1, 0)  # what stands for its end is told unasked
    try:
        while not output.poll(BEAT_SECONDS * 1000):
            os.write(1, b"\n")  # not through `sys.stdout`: its lock would be held while the interpreter ends
    finally:
        os.killpg(0, signal.SIGKILL)


def _seconds(time_ns: int) -> str:
    return f"{time_ns // 10**9}.{time_ns % 10**9:09d}"
