from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.findings.inlined import MARK, unfold
from tests.attribution.located import locate_by_hand
from tests.pages.support import LOOP, POOL, THREAD, WORKING, Made, Sample

if TYPE_CHECKING:
    from profiler.trace.model import Stacks, Trace


def located(levels: dict[str, list[str]]) -> tuple[Trace, list[tuple[str, str]]]:
    """Return a trace of two chains, with functions inlined into some of theirs."""
    samples = [Sample(1, POOL[0], WORKING), Sample(2, POOL[0], (THREAD, LOOP))]
    profile = Made(samples=samples).analysis().profile
    assert profile is not None
    rows = [[(one, "f.h", 1) for one in levels.get(name, [])] for name, _ in profile.frame_names]
    return locate_by_hand(profile.trace, rows), profile.frame_names


def chains(stacks: Stacks, functions: list[str]) -> list[list[str]]:
    return [
        [functions[i] for i in stacks.frames[begin:end]]
        for begin, end in zip(stacks.offsets[:-1].tolist(), stacks.offsets[1:].tolist(), strict=True)
    ]


def test_inlined_functions_stand_above_what_holds_them() -> None:
    trace, names = located({LOOP[0]: ["pop", "poll", LOOP[0]]})
    made = unfold(trace, names)
    task, kernel = WORKING[2][0], WORKING[3][0]
    poll = [f"pop{MARK}", f"poll{MARK}", LOOP[0], THREAD[0]]
    assert chains(made.stacks, [name for name, _ in made.functions]) == [[kernel, task, *poll], poll]
    assert {name for name, _ in made.inlined} == {f"pop{MARK}", f"poll{MARK}"}
    assert {library for _, library in made.inlined} == {dict(names)[LOOP[0]]}


def test_without_locations_chains_stay_as_they_are() -> None:
    trace, names = located({})
    assert np.array_equal(unfold(trace, names).stacks.frames, trace.stacks.frames)
    profile = Made(samples=[Sample(1, POOL[0], WORKING)]).analysis().profile
    assert profile is not None
    assert unfold(profile.trace, profile.frame_names).stacks is profile.trace.stacks


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=5, max_size=5))
def test_chains_keep_their_frames_in_order(inlined: list[int]) -> None:
    names = [THREAD[0], LOOP[0], *(name for name, _ in WORKING[2:])]
    levels = {name: ["f"] * count + [name] for name, count in zip(names, inlined, strict=False) if count}
    trace, frame_names = located(levels)
    made = unfold(trace, frame_names)
    shown = chains(made.stacks, [name for name, _ in made.functions])
    before = chains(trace.stacks, [name for name, _ in frame_names])
    assert [[name for name in chain if not name.endswith(MARK)] for chain in shown] == before


def test_an_empty_trace_has_no_chains() -> None:
    profile = Made().analysis().profile
    assert profile is not None
    trace = locate_by_hand(profile.trace, [])
    assert unfold(trace, []).stacks.offsets.tolist() == [0]
