"""The first look of a loop is work or waiting by what was sampled beside it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from profiler.attribution.rules.entries import settle
from profiler.attribution.rules.facts import empty_facts
from profiler.symbols.polling import LoopPlace
from profiler.trace.model import Frames, Stacks, Trace
from tests.attribution.rules.test_frames import trace_of

LOOK, PAUSE, OTHER_LOOK, OTHER_PAUSE = range(4)


def sampled(counts: list[int]) -> Trace:
    """One stack a frame, seen so often."""
    trace = trace_of([(0x10, -1, 0), (0x20, -1, 0), (0x10, -1, 2), (0x20, -1, 2)])
    stack = np.repeat(np.arange(4), counts).astype(np.int32)
    none = np.zeros(len(stack), np.int32)
    samples = dataclasses.replace(
        trace.samples, time_ns=stack.astype(np.int64), tid=none, cpu=none, stack=stack
    )
    return dataclasses.replace(
        trace,
        samples=samples,
        stacks=Stacks(np.arange(5, dtype=np.int64), np.arange(4, dtype=np.int32)),
        frames=Frames(trace.frames.address, trace.frames.symbol, trace.frames.dso),
    )


@pytest.mark.parametrize(
    ("counts", "places"),
    [
        ([100, 0, 100, 100], [LoopPlace.AROUND, LoopPlace.POLLING]),
        ([100, 5, 100, 20], [LoopPlace.AROUND, LoopPlace.POLLING]),
        ([100, 60, 0, 0], [LoopPlace.POLLING, LoopPlace.AROUND]),
    ],
)
def test_each_loop_by_its_own_samples(counts: list[int], places: list[LoopPlace]) -> None:
    facts = empty_facts(4)
    facts.place[:] = [LoopPlace.ENTRY, LoopPlace.POLLING] * 2
    facts.loop[:] = 0x10
    settled = settle(sampled(counts), facts)
    assert settled.place[[LOOK, OTHER_LOOK]].tolist() == places
    assert settled.place[[PAUSE, OTHER_PAUSE]].tolist() == [LoopPlace.POLLING] * 2


def test_without_a_first_look_nothing_changes() -> None:
    facts = empty_facts(4)
    assert settle(sampled([1, 1, 1, 1]), facts) is facts


def test_where_leaves_are_all_that_is_known_a_pause_may_be_any_loops_of_its_library() -> None:
    facts = empty_facts(4)
    facts.place[:] = [LoopPlace.ENTRY, LoopPlace.OUTSIDE] * 2
    facts.loop[:] = [0x10, -1, 0x10, -1]
    facts.wraps[PAUSE] = True
    settled = settle(sampled([100, 90, 100, 90]), facts)
    assert settled.place[[LOOK, OTHER_LOOK]].tolist() == [LoopPlace.POLLING, LoopPlace.AROUND]
