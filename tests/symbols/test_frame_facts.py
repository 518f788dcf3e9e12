from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.symbols.calls import CallKind
from profiler.symbols.elf import NOWHERE
from profiler.symbols.frame_facts import describe
from profiler.symbols.polling import LoopPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.symbols.library import LibraryIndex

    Index = Callable[[str], LibraryIndex]
    Number = Callable[[LibraryIndex, str], int]


def frames_of(library: LibraryIndex, addresses: list[int]) -> np.ndarray:
    """As perf prints them: file offsets."""
    return library.elf.to_offsets(np.array(addresses, np.int64)).astype(np.uint64)


@pytest.mark.parametrize("variant", ["outlined", "hidden", "protected"])
def test_a_workers_frames_are_told_apart(index: Index, number: Number, variant: str) -> None:
    library = index(variant)
    worker, helper = number(library, "worker_loop"), number(library, "pop_front")
    code = library.image.disassemble(worker)
    ends = {target is None: i.address + len(i.data) - 1 for i in code if i.is_call for target in [i.target]}
    pause = number(library, "spin_pause")
    addresses = [
        ends[False],  # inside the call of spin_pause
        ends[True],  # inside the call of the task
        int(library.functions.start[helper]),
        int(library.functions.start[pause]),
        int(library.functions.start[number(library, "direct_caller")]),
    ]
    facts = describe(frames_of(library, addresses), library)
    assert facts.address.tolist() == addresses
    assert facts.function.tolist()[:4] == [worker, worker, helper, pause]
    assert facts.function_start.tolist()[2:] == addresses[2:]
    assert facts.function_size.tolist() == [library.functions.size(int(f)) for f in facts.function]
    assert facts.call_kind.tolist()[:2] == [CallKind.DIRECT, CallKind.INDIRECT]
    assert facts.place.tolist() == [LoopPlace.POLLING, LoopPlace.AROUND, *[LoopPlace.OUTSIDE] * 3]
    assert facts.polls.tolist() == [True, True, False, False, False]
    assert facts.dispatches.tolist() == [True, True, False, False, False]
    assert facts.wraps.tolist() == [False, False, False, True, False]
    assert facts.helps.tolist()[2:] == [True, False, False]
    assert (facts.loop != NOWHERE).tolist() == [True, False, False, False, False]


def test_frames_outside_every_function_and_file(index: Index) -> None:
    library = index("inlined")
    facts = describe(np.array([0, 2**40, 0xFFFF_FFFF_8100_0000], np.uint64), library)
    assert facts.function.tolist() == [NOWHERE] * 3
    assert facts.address.tolist()[1:] == [NOWHERE] * 2
    assert facts.function_size.tolist() == [0] * 3
    assert not facts.polls.any()
    assert not facts.helps.any()


def test_no_frames(index: Index) -> None:
    assert len(describe(np.zeros(0, np.uint64), index("inlined")).address) == 0


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offsets=st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 8192), max_size=30))
def test_each_frame_is_described_as_if_alone(aarch64: LibraryIndex, offsets: list[int]) -> None:
    together = describe(np.array(offsets, np.uint64), aarch64)
    alone = [describe(np.array([offset], np.uint64), aarch64) for offset in offsets]
    for column in ("address", "function", "function_size", "call_kind", "place", "polls", "helps", "loop"):
        assert getattr(together, column).tolist() == [getattr(one, column)[0] for one in alone]
