"""A large recording read in time slices side by side, each by a perf and a parser of its own.

perf skips what is outside a slice before it unwinds it, and unwinding is nearly all of its work. It skips
samples alone: it would print switches and losses of the whole recording with each slice, and so is asked for
them with the last one alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import OrtprofError
from profiler.trace import slice_reader, store
from profiler.trace.joining import join

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

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


def cut(span_ns: tuple[int, int], count: int, records: float = 0.0) -> list[Slice]:
    """Return slices of a recording that lies within a span, which take equally long to read.

    `records` is how long the switch records take, which the last one has besides, as a part of what all
    samples take: it is shorter by that. The first and the last go on to the beginning and the end, whatever
    is outside the span.
    """
    begin, end = span_ns
    share = min((1 + records) / count, 1 / max(1, count - 1))
    ends = [0, *(begin + int((end - begin) * share * number) for number in range(1, count)), LAST_NS]
    return [Slice(start, end) for start, end in itertools.pairwise(ends)]


def read_side_by_side(
    commands: Sequence[Sequence[str]],
    parts: Sequence[Slice],
    pids: Collection[int],
    folder: Path,
    idle: Callable[[], object],
) -> Trace | None:
    """Read slices at once, each by a reader of its own; None where one could not be read, or hangs.

    Each has its command; one alone prints losses, and switches. `folder` takes their traces until they
    are read; `idle` is called when the first reader has ended. Where it is None, reading all in one go says
    what is wrong.
    """
    with tempfile.TemporaryDirectory(prefix=".slices-", dir=folder) as beside:
        paths = [Path(beside) / f"{number}.npz" for number in range(len(parts))]
        try:
            with contextlib.ExitStack() as running:
                readers = [
                    running.enter_context(
                        process.stream_output(_reader((*command, "--time", part.option), pids, path))
                    )
                    for command, part, path in zip(commands, parts, paths, strict=True)
                ]
                for beats in readers:
                    for _ in beats:
                        pass
                    idle()
            return join([store.load(path)[0] for path in paths])
        except OrtprofError:
            return None


def _reader(command: Sequence[str], pids: Collection[int], path: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", slice_reader.PROGRAM, *slice_reader.arguments(command, pids, path))


def _seconds(time_ns: int) -> str:
    return f"{time_ns // 10**9}.{time_ns % 10**9:09d}"
