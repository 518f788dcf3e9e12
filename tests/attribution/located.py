"""Puts locations into a trace by hand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import Locations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.trace.model import Trace


def locate_by_hand(trace: Trace, levels: Sequence[Sequence[tuple[str, str, int]]]) -> Trace:
    """Return the trace with (function, file, line) for each frame, the innermost first."""
    strings = list(trace.strings)
    rows = []
    for function, file, line in (level for frame in levels for level in frame):
        strings += [function, file]
        rows.append((len(strings) - 2, len(strings) - 1, line))
    columns = np.array(rows, np.int32).reshape(-1, 3)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(frame) for frame in levels])))
    locations = Locations(offsets.astype(np.int64), *(columns[:, i].copy() for i in range(3)))
    return dataclasses.replace(trace, strings=tuple(strings), locations=locations)
