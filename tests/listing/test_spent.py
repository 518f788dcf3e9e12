from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.cpu.places import cpu_by_frame, cpu_by_leaf
from profiler.listing.listing import Inlined
from profiler.listing.spent import Spent, spent_in
from tests.attribution.located import locate_by_hand
from tests.pages.support import BLOCK, LOOP, PAUSE, POOL, THREAD, WAIT, Made, Sample

if TYPE_CHECKING:
    from profiler.attribution.analysis import Profile


@pytest.fixture
def profile() -> Profile:
    """30 samples of the pause, inlined into the loop; 10 of a wait, which two frames of the loop lead to."""
    samples = [Sample(i + 1, POOL[0], (THREAD, LOOP)) for i in range(30)]
    samples += [Sample(i + 51, POOL[0], (THREAD, (LOOP[0], f"{LOOP[1]} "), BLOCK, WAIT)) for i in range(10)]
    made = Made(samples=samples).analysis().profile
    assert made is not None
    trace = made.trace
    places = {
        LOOP: [(PAUSE[0], "pause.h", 7), (LOOP[0], "pool.h", 20)],
        (LOOP[0], f"{LOOP[1]} "): [(LOOP[0], "pool.h", 30)],
        BLOCK: [(BLOCK[0], "pool.h", 90)],
    }
    frames = [
        (trace.strings[symbol], trace.strings[dso])
        for symbol, dso in zip(trace.frames.symbol.tolist(), trace.frames.dso.tolist(), strict=True)
    ]
    located = locate_by_hand(trace, [places.get(frame, []) for frame in frames])
    dso = np.array([trace.strings.index(library.rstrip()) for _, library in frames], np.int32)
    located = dataclasses.replace(located, frames=dataclasses.replace(located.frames, dso=dso))
    return dataclasses.replace(made, trace=located)


def spent(profile: Profile, function: str) -> Spent:
    mine = [frame for frame, (name, _) in enumerate(profile.frame_names) if name == function]
    stacks, count = profile.trace.stacks, len(profile.frame_names)
    leaf = cpu_by_leaf(stacks, profile.attribution, count)
    below = cpu_by_frame(stacks, profile.attribution, count)
    return spent_in(profile.trace, profile.facts, mine, leaf, below)


def test_own_time_and_that_of_calls_go_to_their_lines(profile: Profile) -> None:
    found = spent(profile, LOOP[0])
    assert found.file == "pool.h"
    assert found.own == {20: 1.0}
    assert found.total == {20: pytest.approx(0.75), 30: pytest.approx(0.25)}
    assert sum(found.by_address.values()) == pytest.approx(30e6)
    assert found.inlined == (Inlined(PAUSE[0], "pause.h", 7, 1.0),)


def test_a_function_that_only_calls_has_the_lines_of_its_calls(profile: Profile) -> None:
    found = spent(profile, BLOCK[0])
    assert (found.own, found.total, found.inlined) == ({}, {90: 1.0}, ())
    assert sum(found.by_address.values()) == pytest.approx(10e6)


def test_without_debug_information_there_are_addresses_alone(profile: Profile) -> None:
    found = spent(profile, WAIT[0])
    assert (found.file, found.own, found.total) == ("", {}, {})
    assert len(found.by_address) == 1
