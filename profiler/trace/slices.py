"""A large recording cut into time slices, each printed by a perf of its own.

perf skips what is outside a slice before it unwinds it, and unwinding is nearly all of its work. It skips
samples alone: it would print switches and losses of the whole recording with each slice, and so is asked for
them with the last one alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

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
    begin, end = span_ns
    ends = [0, *(begin + (end - begin) * number // count for number in range(1, count)), LAST_NS]
    return [Slice(start, end) for start, end in itertools.pairwise(ends)]


def _seconds(time_ns: int) -> str:
    return f"{time_ns // 10**9}.{time_ns % 10**9:09d}"
