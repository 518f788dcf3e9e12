"""Call chains that end before their thread's start: the stack copied with a sample did not reach that far.

No name tells where a thread starts (libraries may be stripped), but a function that has a caller in another
chain is not the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace


def cut_samples(trace: Trace, facts: FrameFacts, attribution: Attribution) -> int:
    """Count the samples whose chain ends in a function that others show with a caller.

    `facts` are those of `trace.frames`. Where the copied stack ends, perf prints a last frame at address -1
    in no library: that is none.
    """
    dso, start = trace.frames.dso.astype(np.int64), facts.function_start
    known = (dso != NONE) & (start != NOWHERE)
    pairs = np.stack([np.where(known, dso, NONE), np.where(known, start, NOWHERE)])
    functions, index = np.unique(pairs, axis=1, return_inverse=True)
    function = index.reshape(-1)[trace.stacks.frames]
    real = (dso != NONE)[trace.stacks.frames]
    chain = np.repeat(np.arange(len(trace.stacks.offsets) - 1), np.diff(trace.stacks.offsets))
    position = np.arange(len(function))
    outermost = np.full(len(trace.stacks.offsets) - 1, NONE, np.int64)
    np.maximum.at(outermost, chain[real], position[real])
    called = np.zeros(functions.shape[1], np.bool_)
    called[function[real & (position != outermost[chain])]] = True
    called[(functions == np.array([[NONE], [NOWHERE]])).all(axis=0)] = False
    cut = np.zeros(len(outermost), np.bool_)
    cut[outermost != NONE] = called[function[outermost[outermost != NONE]]]
    stacks = attribution.stack[attribution.stack != NONE]
    return int(cut[stacks].sum())
