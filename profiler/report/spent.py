"""Where in a function its own CPU time was spent: by address, by line of its source, in what was inlined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.report.listing import Inlined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from profiler.symbols.frames import FrameFacts
    from profiler.trace.model import Level, Trace

MOST_INLINED = 8


@dataclass(frozen=True, slots=True)
class Spent:
    """One function's own CPU time, in nanoseconds."""

    dso: int
    """Index of its library in the trace's strings, or NONE."""
    start: int
    """Virtual address of the function."""
    by_address: Mapping[int, float]
    file: str
    """The source file that most of it belongs to; empty without debug information."""
    by_line: Mapping[int, float]
    """By line of that file, whatever was inlined there."""
    inlined: Sequence[Inlined]
    """The largest of the inlined functions."""


def spent_in(
    trace: Trace, facts: FrameFacts, frames: Iterable[int], leaf_cpu: npt.NDArray[np.float64]
) -> Spent:
    """Return what was spent in the function of some frames, which all show the same name.

    `leaf_cpu` has the CPU time of the samples that each of the trace's frames is the innermost one of. Of
    several functions with that name it is the one with most of it.
    """
    by_function: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for frame in frames:
        by_function[int(trace.frames.dso[frame]), int(facts.function_start[frame])].append(frame)
    (dso, start), mine = max(by_function.items(), key=lambda item: float(leaf_cpu[item[1]].sum()))
    by_address: defaultdict[int, float] = defaultdict(float)
    by_file: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    inlined: defaultdict[str, defaultdict[Level, float]] = defaultdict(lambda: defaultdict(float))
    for frame in mine:
        cpu_ns = float(leaf_cpu[frame])
        if not cpu_ns:
            continue
        by_address[int(facts.address[frame])] += cpu_ns
        levels = trace.levels(frame)
        for own in levels[-1:]:
            by_file[own.file][own.line] += cpu_ns
        for innermost in levels[:-1][:1]:
            inlined[innermost.function][innermost] += cpu_ns
    file = max(by_file, key=lambda file: sum(by_file[file].values()), default="")
    total = sum(by_address.values())
    return Spent(
        dso,
        start,
        by_address,
        file,
        {line: cpu for line, cpu in by_file[file].items() if line},
        _largest(inlined, total),
    )


def _largest(inlined: Mapping[str, Mapping[Level, float]], total: float) -> tuple[Inlined, ...]:
    ordered = sorted(inlined.items(), key=lambda item: -sum(item[1].values()))
    found = []
    for function, spent in ordered[:MOST_INLINED]:
        hottest = max(spent, key=spent.__getitem__)
        found.append(Inlined(function, hottest.file, hottest.line, sum(spent.values()) / total))
    return tuple(found)
