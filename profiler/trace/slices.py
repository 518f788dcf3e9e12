"""A large recording read in time slices side by side, each printed by a perf of its own.

perf skips what is outside a slice before it unwinds it, and unwinding is nearly all of its work. It skips
samples alone: it would print switches and losses of the whole recording with each slice, and so is asked for
them with the last one alone.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.errors import OrtprofError
from profiler.program_output import pieces, stream_output
from profiler.trace.joining import join
from profiler.trace.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from profiler.trace.model import Trace

SLICE_BYTES = 256 << 20
"""Of perf.data, for one slice: each perf reads the whole file once more."""
MOST_SLICES = 4
"""What the one parser keeps up with: it needs a third of the time of one perf that prints all."""
LAST_NS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
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
    return max(1, min(size // SLICE_BYTES, cpus, MOST_SLICES))


def cut(span_ns: tuple[int, int], count: int) -> list[Slice]:
    """Return slices of a recording that lies within a span.

    The first and the last go on to the beginning and the end, whatever is outside the span.
    """
    cuts = np.linspace(*span_ns, count + 1).astype(np.int64).tolist()[1:-1]
    ends = [0, *cuts, LAST_NS]
    return [Slice(start, end) for start, end in itertools.pairwise(ends)]


def read_side_by_side(
    commands: Sequence[Sequence[str]],
    parts: Sequence[Slice],
    pids: Collection[int],
    idle: Callable[[], object],
) -> Trace | None:
    """Print slices at once, and read them as they come; None where one can't be read, or hangs.

    Each has its command; one alone prints losses, and switches. `idle` is called when one has ended. Where it
    is None, reading all in one go says what is wrong.
    """
    try:
        with contextlib.ExitStack() as running:
            each = [running.enter_context(contextlib.ExitStack()) for _ in parts]
            outputs = [
                one.enter_context(stream_output((*command, "--time", part.option)))
                for one, command, part in zip(each, commands, parts, strict=True)
            ]
            parsers = [Parser(pids) for _ in parts]
            for number, piece in pieces(outputs):
                if piece:
                    parsers[number].feed(piece)
                else:
                    each[number].close()  # its perf may have failed
                    idle()
        return join([parser.end() for parser in parsers])
    except OrtprofError:
        return None


def _seconds(time_ns: int) -> str:
    return f"{time_ns // 10**9}.{time_ns % 10**9:09d}"
