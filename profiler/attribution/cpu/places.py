"""CPU time by frame, and so by line of a function's source."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.trace.model import Level, Stacks, Trace


def cpu_by_leaf(stacks: Stacks, attribution: Attribution, frames: int) -> Column:
    """Return for each of so many frames the CPU time (ns) of the samples that it is the innermost one of."""
    some = attribution.stack != NONE
    leaf = stacks.frames[stacks.offsets[attribution.stack[some]]]
    return np.bincount(leaf, weights=attribution.cpu_ns[some], minlength=frames)


def cpu_by_frame(stacks: Stacks, attribution: Attribution, frames: int) -> Column:
    """Return the CPU time (ns) of the samples that have each of so many frames in their chains."""
    some = attribution.stack != NONE
    lengths = np.diff(stacks.offsets)
    of_stack = np.bincount(attribution.stack[some], weights=attribution.cpu_ns[some], minlength=len(lengths))
    return np.bincount(stacks.frames, weights=np.repeat(of_stack, lengths), minlength=frames)


def hot_places(
    trace: Trace, attribution: Attribution, frame_names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Level]:
    """Return where in its own source each function spent most of its time: (function, library) -> place.

    Time in functions that were inlined counts at the line that calls them. A function without time of its
    own stands where it called most. Functions without debug information are left out.
    """
    count = len(trace.frames.address)
    own = cpu_by_leaf(trace.stacks, attribution, count)
    below = cpu_by_frame(trace.stacks, attribution, count)
    spent: defaultdict[tuple[str, str], dict[Level, tuple[float, float]]] = defaultdict(dict)
    for frame, function in enumerate(frame_names):
        for place in trace.levels(frame)[-1:]:
            before = spent[function].get(place, (0.0, 0.0))
            spent[function][place] = (before[0] + own[frame], before[1] + below[frame])
    return {function: max(places, key=places.__getitem__) for function, places in spent.items()}
