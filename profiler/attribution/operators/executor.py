"""Which samples in an operator's window are not the operator's, but of the executor that called it.

ONNX Runtime's profiler makes its record of a node before it looks at the clock again, so within the node's
window: half of what small operators seem to cost. The chains tell. The executor calls an operator through a
virtual function, so indirectly, and its profiler directly, which is known of stripped libraries too.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.distinct import distinct_by_stack
from profiler.attribution.rules.owners import Owner
from profiler.symbols.calls import CallKind
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.trace.model import Stacks

    Function = tuple[str, str]

LEAST_TYPES = 2
"""One operator type does not tell the executor from what is below it."""


class Executor:
    """The executor's place in the call chains of a trace."""

    def __init__(self, stacks: Stacks, frames: Sequence[Frame], frame_names: Sequence[Function]) -> None:
        self._stacks = stacks
        self._frames = frames
        self._names = frame_names

    def overhead(self, stack: Column, kind: Column) -> Column:
        """Say for each sample in an operator's window whether it is the executor's own.

        `stack`: index into the stacks, or NONE. `kind`: the type of the operator whose window it is, any
        number. No sample is where the executor can't be told.
        """
        kinds, codes = np.unique(kind, return_inverse=True)
        stacks, codes, index = distinct_by_stack(stack, codes.reshape(-1), kinds.size)
        chains = {which: self._chain(which) for which in set(stacks.tolist()) - {NONE}}
        pairs = zip(stacks.tolist(), kinds[codes].tolist(), strict=True)
        executor = self._find([(chains[which], kind) for which, kind in pairs if which != NONE])
        if executor is None:
            return np.zeros(stack.shape, np.bool_)
        own = {which: self._is_own(chain, executor) for which, chain in chains.items()}
        return np.array([own.get(which, False) for which in stacks.tolist()], np.bool_)[index]

    def _find(self, chains: Sequence[tuple[Sequence[int], int]]) -> Function | None:
        """Return the function that enters, indirectly, a function of its own for each operator type.

        What runs an operator's parts on the pool does that too, for fewer types or further in.
        """
        entered: defaultdict[tuple[Function, Function], set[int]] = defaultdict(set)
        distance: defaultdict[Function, list[int]] = defaultdict(list)
        for chain, kind in chains:
            for above, (inner, outer) in enumerate(itertools.pairwise(chain)):
                frame = self._frames[outer]
                if frame.owner is Owner.RUNTIME and frame.call is CallKind.INDIRECT:
                    entered[self._names[outer], self._names[inner]].add(kind)
                    distance[self._names[outer]].append(above)
        served: defaultdict[Function, set[int]] = defaultdict(set)
        for (function, _), kinds in entered.items():
            if len(kinds) == 1:
                served[function] |= kinds
        if not served:
            return None
        best = max(served, key=lambda function: (len(served[function]), np.mean(distance[function])))
        return best if len(served[best]) >= LEAST_TYPES else None

    def _is_own(self, chain: Sequence[int], executor: Function) -> bool:
        """Whether the innermost of the executor's frames called nothing but its own helpers."""
        for above, frame in enumerate(chain):
            if self._names[frame] == executor:
                if above == 0 or self._frames[chain[above - 1]].owner is Owner.KERNEL:
                    return True
                return self._frames[frame].call is CallKind.DIRECT
        return False

    def _chain(self, stack: int) -> list[int]:
        offsets = self._stacks.offsets
        chain: list[int] = self._stacks.frames[offsets[stack] : offsets[stack + 1]].tolist()
        return chain
