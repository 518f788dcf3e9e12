"""Where in a function its own CPU time was spent: by address, by line of its source, in what was inlined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.listing.listing import Inlined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from profiler.arrays import Floats
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Level, Trace


MOST_INLINED = 8


@dataclass(frozen=True, slots=True)
class Spent:
    """One function's CPU time. Its own is that of the samples in which it is the innermost function."""

    dso: int
    """Index of its library in the trace's strings, or NONE."""
    start: int
    """Virtual address of the function."""
    by_address: Mapping[int, float]
    """Its own, in nanoseconds; of calls, where it has none of its own."""
    file: str
    """The source file that most of it belongs to; empty without debug information."""
    own: Mapping[int, float]
    """Share of its own by line of that file, whatever was inlined there."""
    total: Mapping[int, float]
    """Share of its own and that of what it called, by line."""
    inlined: Sequence[Inlined]
    """The largest of the inlined functions."""


def spent_in(trace: Trace, facts: FrameFacts, frames: Iterable[int], leaf: Floats, below: Floats) -> Spent:
    """Return what was spent in the function of some frames, which all show the same name.

    `leaf` has the CPU time of the samples that each of the trace's frames is the innermost one of, `below` of
    those that have it in their chains. Of several functions with that name it is the one with most of it.
    """
    by_function: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for frame in frames:
        by_function[int(trace.frames.dso[frame]), int(facts.function_start[frame])].append(frame)
    (dso, start), mine = max(
        by_function.items(), key=lambda item: (float(leaf[item[1]].sum()), float(below[item[1]].sum()))
    )
    decisive = leaf if leaf[mine].any() else below
    by_address: defaultdict[int, float] = defaultdict(float)
    by_place: defaultdict[str, defaultdict[int, list[float]]]
    by_place = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    inlined: defaultdict[str, defaultdict[Level, float]] = defaultdict(lambda: defaultdict(float))
    for frame in mine:
        if decisive[frame]:
            by_address[int(facts.address[frame])] += float(decisive[frame])
        levels = trace.levels(frame)
        for own in levels[-1:]:
            spent = by_place[own.file][own.line]
            spent[0] += float(leaf[frame])
            spent[1] += float(below[frame])
        for innermost in levels[:-1][:1]:
            inlined[innermost.function][innermost] += float(leaf[frame])
    file = max(by_place, key=lambda file: max(by_place[file].values()), default="")
    own_ns, total_ns = float(leaf[mine].sum()), float(below[mine].sum())
    return Spent(
        dso,
        start,
        by_address,
        file,
        {line: own / own_ns for line, (own, _) in by_place[file].items() if line and own},
        {line: total / total_ns for line, (_, total) in by_place[file].items() if line and total},
        _largest(inlined, own_ns),
    )


def _largest(inlined: Mapping[str, Mapping[Level, float]], own_ns: float) -> tuple[Inlined, ...]:
    ordered = sorted(inlined.items(), key=lambda item: -sum(item[1].values()))
    largest = []
    for function, spent in ordered[:MOST_INLINED]:
        hottest = max(spent, key=spent.__getitem__)
        if spent[hottest]:
            largest.append(Inlined(function, hottest.file, hottest.line, sum(spent.values()) / own_ns))
    return tuple(largest)
