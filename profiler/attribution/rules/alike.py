"""Call chains that rules can't tell from each other: they are judged once.

A trace has thousands of chains, of frames that differ by their addresses. Rules see of a frame whose code it
is, its name's kind and its place in a loop: some dozen different ones, and a few hundred chains over them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.trace.model import Stacks


@dataclass(frozen=True, slots=True)
class AlikeChains:
    """Chains that differ for rules, and which of them each stack has."""

    chains: list[list[Frame]]
    """Each from the leaf to the thread's start."""
    index: Column
    """Index into `chains` of each stack; one more row, NONE, for what has no stack (`NONE` selects it)."""


def alike_chains(stacks: Stacks, frames: Sequence[Frame]) -> AlikeChains:
    """Return the distinct chains of stacks; `frames` of which equal ones are one object (`make_frames`)."""
    numbers: dict[int, int] = {}
    views = np.array([numbers.setdefault(id(frame), len(numbers)) for frame in frames], np.int32)
    seen = views[stacks.frames].tobytes()
    first: dict[bytes, int] = {}
    chains: list[list[Frame]] = []
    index = np.full(len(stacks.offsets), NONE, np.int64)
    for stack, (begin, end) in enumerate(itertools.pairwise(stacks.offsets.tolist())):
        chain = first.setdefault(seen[begin * views.itemsize : end * views.itemsize], len(chains))
        if chain == len(chains):
            chains.append([frames[which] for which in stacks.frames[begin:end].tolist()])
        index[stack] = chain
    return AlikeChains(chains, index)
