"""Call chains with the functions that the compiler inlined, for flame graphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import Stacks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.trace.model import Trace

MARK = " (inlined)"
"""Behind the name of an inlined function, as perf has it."""


@dataclass(frozen=True, slots=True)
class Unfolded:
    """Chains of more frames than the trace's, and what each frame shows."""

    stacks: Stacks
    """As the trace's, but its `frames` index `functions`."""
    functions: Sequence[tuple[str, str]]
    """(function, library) of each frame: first of the trace's own, then of the inlined ones."""
    inlined: frozenset[tuple[str, str]]
    """Those of the functions that were inlined."""


def unfold(trace: Trace, frame_names: Sequence[tuple[str, str]]) -> Unfolded:
    """Put inlined functions into a trace's chains, each above the function that it was inlined into."""
    if trace.locations is None:
        return Unfolded(trace.stacks, frame_names, frozenset())
    numbers: dict[tuple[str, str], int] = {}
    ids: list[int] = []
    begins = [0]
    for frame, (_, library) in enumerate(frame_names):
        for level in trace.levels(frame)[:-1]:
            name = (level.function + MARK, library)
            ids.append(len(frame_names) + numbers.setdefault(name, len(numbers)))
        ids.append(frame)
        begins.append(len(ids))
    begin, levels = np.array(begins[:-1], np.int64), np.array(ids, np.int32)
    end = np.array(begins[1:], np.int64)
    sizes = (end - begin)[trace.stacks.frames]
    ends = np.cumsum(sizes)
    within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - sizes, sizes)
    frames = levels[np.repeat(begin[trace.stacks.frames], sizes) + within]
    offsets = np.concatenate((np.zeros(1, np.int64), ends))[trace.stacks.offsets]
    return Unfolded(Stacks(offsets, frames), [*frame_names, *numbers], frozenset(numbers))
