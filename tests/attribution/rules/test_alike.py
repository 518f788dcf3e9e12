from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.rules.alike import alike_chains
from profiler.trace.model import NONE, Stacks
from tests.attribution.made_frames import HELPER, PAUSE, PLAIN, START

FRAMES = (PAUSE, HELPER, PLAIN, START, PAUSE, HELPER)


@given(st.lists(st.lists(st.integers(0, len(FRAMES) - 1), max_size=4)))
def test_each_stack_has_its_chain_once(stacks: list[list[int]]) -> None:
    offsets = np.cumsum([0, *map(len, stacks)])
    flat = np.array([frame for stack in stacks for frame in stack], np.int32)
    found = alike_chains(Stacks(offsets, flat), FRAMES)
    wanted = [[FRAMES[frame] for frame in stack] for stack in stacks]
    assert [found.chains[chain] for chain in found.index[:-1]] == wanted
    assert len(found.chains) == len({tuple(map(id, chain)) for chain in wanted})
    assert found.index[NONE] == NONE
