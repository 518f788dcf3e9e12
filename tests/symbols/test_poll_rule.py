"""The definition of polling, on compiled programs that wait or only look like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols.bare_polls import add_bare_polls
from profiler.symbols.library import open_library
from profiler.symbols.loops import read_flow
from profiler.symbols.poll_rule import find_waiting
from profiler.symbols.polling import LoopPlace
from tests.accuracy.loops import compile_loop

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.symbols.library import LibraryIndex
    from profiler.symbols.polling import Polling


def polling_of(source: str, folder: Path) -> tuple[LibraryIndex, Polling]:
    """Index a program of tests/accuracy, as if every address of it had been sampled."""
    library = open_library(compile_loop(source, folder), cache_folder=folder / "cache")
    functions = library.functions
    everywhere = np.concatenate(
        [np.arange(s, e) for s, e in zip(functions.start.tolist(), functions.end.tolist(), strict=True)]
    )
    return library, add_bare_polls(library.image, library.polling, everywhere, library.verdicts)


def bytes_of(polling: Polling, place: LoopPlace) -> int:
    mine = polling.regions.place == place
    return int(np.sum(polling.regions.end[mine] - polling.regions.start[mine]))


@pytest.mark.parametrize("source", ["polite_work", "polite_calls"])
def test_work_with_a_pause_now_and_then_is_no_polling(source: str, tmp_path: Path) -> None:
    library, polling = polling_of(source, tmp_path)
    assert len(library.spins.address) == 1
    assert not len(polling.functions)
    assert not len(polling.wrappers)


def test_a_service_that_sleeps_between_its_calls_is_no_polling(tmp_path: Path) -> None:
    _, polling = polling_of("naps_between", tmp_path)
    assert not len(polling.functions)
    assert len(polling.wrappers) == 2


def test_the_lock_in_a_working_loop_polls_and_the_work_does_not(tmp_path: Path) -> None:
    library, polling = polling_of("lock_in_work", tmp_path)
    (function,) = polling.functions.tolist()
    pause = int(library.spins.address[0])
    regions = polling.regions
    at = {place: (regions.place == place).tolist() for place in LoopPlace}
    assert sum(at[LoopPlace.POLLING]) == 1
    assert regions.start[at[LoopPlace.POLLING]].tolist() == [pause]
    assert sum(at[LoopPlace.ENTRY]) == 1
    assert set(regions.loop[regions.place >= LoopPlace.POLLING].tolist()) == {pause}
    # The forty steps are a loop of their own, in registers alone.
    assert bytes_of(polling, LoopPlace.AROUND) > bytes_of(polling, LoopPlace.ENTRY)
    assert not polling.dispatches[polling.functions == function].any()


@pytest.mark.parametrize("source", ["pause_pool", "yield_pool", "bare_poll"])
def test_a_worker_polls_between_pieces_of_work(source: str, tmp_path: Path) -> None:
    library, polling = polling_of(source, tmp_path)
    assert len(polling.functions) == 1
    assert 0 < bytes_of(polling, LoopPlace.POLLING) + bytes_of(polling, LoopPlace.ENTRY) < 60
    worker = int(polling.functions[0])
    code = library.image.disassemble(worker)
    (work,) = (i.address for i in code if i.mnemonic == "shr")
    regions = polling.regions
    inside = (regions.start <= work) & (work < regions.end)
    assert regions.place[inside].tolist() == [LoopPlace.AROUND]


def test_what_has_no_pause_is_found_only_where_it_was_sampled(tmp_path: Path) -> None:
    library = open_library(compile_loop("bare_poll", tmp_path), cache_folder=tmp_path / "cache")
    assert not len(library.polling.functions)
    elsewhere = np.array([library.functions.start[0], library.functions.end[-1] - 1], np.int64)
    assert add_bare_polls(library.image, library.polling, elsewhere, library.verdicts) is library.polling


def test_a_function_without_instructions_waits_for_nothing() -> None:
    assert find_waiting([], read_flow([]), set(), lambda _: None).loops == ()
