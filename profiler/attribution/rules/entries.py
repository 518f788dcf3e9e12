"""Whether the first look of a loop was work or waiting: the samples decide.

A spinlock that is free is taken at the first look, and a worker that always finds a task never polls; the
same instructions run when a loop waits. What waits also passes the pause. So `LoopPlace.ENTRY` counts as
polling where the loop's pauses were seen often enough beside it, and as work elsewhere. One loop of one file
is judged as a whole.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE
from profiler.symbols.polling import LoopPlace

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace

LEAST_PAUSES = 1 / 8
"""Samples behind the first look, as a fraction of those in it, from which on it is waiting. A PAUSE takes 40
to 140 cycles, an exchange of a contended line 50 to 300; for a free lock there is hardly ever a pause."""


def settle(trace: Trace, facts: FrameFacts) -> FrameFacts:
    """Replace `LoopPlace.ENTRY` by `POLLING` or `AROUND`, by the samples whose chains pass each loop."""
    entry = facts.place == LoopPlace.ENTRY
    if not entry.any():
        return facts
    samples = _samples_through(trace, len(facts.place))
    polling = (facts.place == LoopPlace.POLLING) & (facts.loop != NOWHERE)
    keys = np.stack([trace.frames.dso.astype(np.int64), facts.loop], axis=1)
    _, first, loop = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    loop = loop.reshape(-1)
    paused = np.bincount(loop, weights=np.where(polling, samples, 0))
    paused += _lone_pauses(trace, facts)[trace.frames.dso[first]]
    looked = np.bincount(loop, weights=np.where(entry, samples, 0))
    waits = (paused > 0) & (paused >= LEAST_PAUSES * looked)
    settled = np.where(waits[loop], LoopPlace.POLLING, LoopPlace.AROUND)
    return dataclasses.replace(facts, place=np.where(entry, settled, facts.place).astype(np.uint8))


def _lone_pauses(trace: Trace, facts: FrameFacts) -> Column:
    """Return how many samples were in pauses whose caller is not known, for each string that names a file.

    In recordings of leaves alone: there, such a pause may be that of any loop of its library.
    """
    offsets = trace.stacks.offsets
    stack = trace.samples.stack[trace.samples.stack >= 0]
    leaf = trace.stacks.frames[offsets[stack[np.diff(offsets)[stack] == 1]]]
    pauses = leaf[facts.wraps[leaf]]
    # One more: frames without a file have NONE, which indexes the last.
    return np.bincount(trace.frames.dso[pauses], minlength=len(trace.strings) + 1)


def _samples_through(trace: Trace, frames: int) -> Column:
    """Return in how many samples each frame's address stands in the call chain."""
    offsets = trace.stacks.offsets
    stack = trace.samples.stack[trace.samples.stack >= 0]
    by_stack = np.bincount(stack, minlength=len(offsets) - 1)
    return np.bincount(trace.stacks.frames, weights=np.repeat(by_stack, np.diff(offsets)), minlength=frames)
