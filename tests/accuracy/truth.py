"""What a ground-truth program says of itself, as CPU time by kind."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from profiler.run.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator


class Thread(msgspec.Struct, frozen=True):
    """One thread; every figure is nanoseconds of its own CPU clock."""

    tid: int
    begin: int
    end: int
    marks: list[tuple[int, str]]
    """(CPU time, activity that began): `c`ompute, `s`pin, `f`utex, `o`ther; the first at `begin`."""
    windows: list[tuple[int, int]]
    """CPU time at each request's start and end."""

    def segments(self) -> Iterator[tuple[int, int, str]]:
        """Yield (from, to, activity) without gaps from `begin` to `end`."""
        for (start, activity), (end, _) in itertools.pairwise([*self.marks, (self.end, "")]):
            yield start, end, activity


class Truth(msgspec.Struct, frozen=True):
    """A program's report. Callers come first."""

    threads: list[Thread]
    requests: list[list[tuple[int, int]]]
    """CLOCK_MONOTONIC start and end of each, caller by caller."""

    @property
    def total_ns(self) -> int:
        """CPU time of all threads."""
        return sum(thread.end - thread.begin for thread in self.threads)

    def cpu_ns_by_kind(self) -> Counter[Kind]:
        """Return the CPU time of each kind, in ortprof's words.

        A worker's spin is busy as far as it lies inside the requests, by the worker's own clock; a caller's
        spin is its join.
        """
        found: Counter[Kind] = Counter()
        callers = len(self.requests)
        for index, thread in enumerate(self.threads):
            for start, end, activity in thread.segments():
                if activity != "s":
                    found[PLAIN[activity]] += end - start
                elif index < callers:
                    found[Kind.SPIN_JOIN] += end - start
                else:
                    found[Kind.SPIN_IDLE] += end - start
            if index >= callers:
                busy = overlap([(a, b) for a, b, what in thread.segments() if what == "s"], thread.windows)
                found[Kind.SPIN_BUSY] += busy
                found[Kind.SPIN_IDLE] -= busy
        return found


PLAIN = {"c": Kind.COMPUTE, "f": Kind.FUTEX, "o": Kind.UNKNOWN}


def overlap(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> int:
    """Return the length that two lists of disjoint, ascending intervals have in common."""
    total = 0
    i = j = 0
    while i < len(left) and j < len(right):
        total += max(0, min(left[i][1], right[j][1]) - max(left[i][0], right[j][0]))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return total
