from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.cpu.places import cpu_by_frame, cpu_by_leaf, hot_places
from profiler.attribution.loading import locations
from profiler.attribution.loading.locations import locate_frames
from profiler.symbols.elf import ElfFormatError
from profiler.trace.model import Level
from tests.attribution.located import locate_by_hand
from tests.pages.support import LOOP, PAUSE, POOL, SPINNING, THREAD, Made, Sample
from tests.waiting import FUNCTION, compile_waiting, line_of, pause_in

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.trace.model import Trace


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_waiting(tmp_path_factory.mktemp("waiting"), "shifted")


@pytest.fixture
def trace(library: Path, tmp_path: Path) -> Trace:
    """Samples of the pause of waiting.cpp, as perf prints them: by file offset."""
    index, pause = pause_in(library, tmp_path)
    frame = (FUNCTION, str(library))
    made = Made(samples=[Sample(i + 1, POOL[0], (THREAD, frame)) for i in range(10)])
    made.addresses = {frame: int(index.elf.to_offsets(np.array([pause]))[0])}
    profile = made.analysis().profile
    assert profile is not None
    return profile.trace


def test_each_frame_is_located_by_its_virtual_address(trace: Trace) -> None:
    located, unreadable = locate_frames(trace)
    assert unreadable == {}
    (levels,) = filter(None, map(located.levels, range(len(trace.frames.address))))
    assert [level.line for level in levels] == [line_of("pause"), line_of("calls pause"), line_of("polls")]
    assert levels[-1].function == FUNCTION
    assert located.strings[: len(trace.strings)] == trace.strings
    assert len(set(located.strings)) == len(located.strings)


def test_debug_information_that_cannot_be_read_is_told(
    trace: Trace, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object, **_options: object) -> None:
        raise ElfFormatError("its debug information can't be read")

    monkeypatch.setattr(locations, "open_lines", unreadable)
    located, why = locate_frames(trace)
    assert why == {str(library): "its debug information can't be read"}
    assert not any(map(located.levels, range(len(trace.frames.address))))


def test_a_library_that_is_gone_gives_no_lines() -> None:
    profile = Made(samples=[Sample(1, POOL[0], SPINNING)]).analysis().profile
    assert profile is not None
    located, unreadable = locate_frames(profile.trace)
    assert located.locations is not None
    assert located.locations.line.size == 0
    assert unreadable == {}


def test_a_functions_place_is_where_its_own_time_went() -> None:
    """And what was inlined there counts at the line that calls it."""
    again = (LOOP[0], LOOP[1] + " (deleted)")
    profile = Made(
        samples=[
            *(Sample(i + 1, POOL[0], (THREAD, LOOP)) for i in range(3)),
            *(Sample(i + 11, POOL[0], (THREAD, again)) for i in range(5)),
            *(Sample(i + 21, POOL[0], (THREAD, LOOP, PAUSE)) for i in range(9)),
        ]
    ).analysis()
    assert profile.profile is not None
    trace, attribution = profile.profile.trace, profile.profile.attribution
    by_name = {THREAD: [("start", "t.c", 1)], LOOP: [("in", "h", 9), ("loop", "l.cpp", 20)]}
    by_name[again] = [("loop", "l.cpp", 30)]
    strings = trace.strings
    frames = list(zip(trace.frames.symbol.tolist(), trace.frames.dso.tolist(), strict=True))
    located = locate_by_hand(trace, [by_name.get((strings[s], strings[d]), []) for s, d in frames])
    names = [(strings[symbol], "") for symbol, _ in frames]
    assert hot_places(located, attribution, names) == {
        (THREAD[0], ""): Level("start", "t.c", 1),
        (LOOP[0], ""): Level("loop", "l.cpp", 30),
    }
    assert hot_places(trace, attribution, names) == {}
    own = cpu_by_leaf(trace.stacks, attribution, len(frames))
    below = cpu_by_frame(trace.stacks, attribution, len(frames))
    assert own.sum() == pytest.approx(attribution.cpu_ns.sum())
    assert below.max() == pytest.approx(attribution.cpu_ns.sum())
    assert (below >= own).all()
