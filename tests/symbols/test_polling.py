from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols.disassemble import disassemble
from profiler.symbols.polling import LoopPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.symbols.library import LibraryIndex

    Index = Callable[[str], LibraryIndex]
    Names = Callable[[LibraryIndex, object], set[str | None]]
    Number = Callable[[LibraryIndex, str], int]

WAITING = {"worker_loop", "join", "join_on_stack", "join_with_delay", "timed_pause"}
BUILDS = ["inlined", "outlined", "hidden", "protected"]


def test_inlined_pauses_are_found_in_the_functions_that_wait(index: Index, names: Names) -> None:
    library = index("inlined")
    assert names(library, library.spins.function) == {
        "worker_loop",
        "join",
        "join_on_stack",
        "delay",
        "timed_pause",
    }
    assert len(library.spins.address) == 5


def test_bytes_of_a_pause_inside_other_instructions_do_not_count(
    index: Index, names: Names, number: Number
) -> None:
    library = index("outlined")
    assert names(library, library.spins.function) == {"spin_pause", "timed_pause"}
    start = int(library.functions.start[number(library, "bytes_of_pause")])
    assert b"\xf3\x90" in bytes(library.elf.memory_range(start, 16))


@pytest.mark.parametrize("variant", BUILDS)
def test_waiting_functions_are_found_with_pauses_inlined_or_called(
    index: Index, names: Names, variant: str
) -> None:
    library = index(variant)
    assert names(library, library.polling.functions) == WAITING


@pytest.mark.parametrize("variant", BUILDS)
def test_a_stripped_library_gives_the_same(index: Index, variant: str) -> None:
    full, stripped = index(variant), index(f"{variant}-stripped")
    starts = [library.functions.start[library.polling.functions].tolist() for library in (full, stripped)]
    assert starts[0] == starts[1]
    assert full.polling.sites.tolist() == stripped.polling.sites.tolist()
    assert full.polling.regions.place.tolist() == stripped.polling.regions.place.tolist()


@pytest.mark.parametrize(
    ("variant", "wrappers"), [("inlined", {"delay"}), ("outlined", {"spin_pause", "delay"})]
)
def test_functions_that_only_pause_or_count_are_wrappers(
    index: Index, names: Names, variant: str, wrappers: set[str]
) -> None:
    library = index(variant)
    assert names(library, library.polling.wrappers) == wrappers


@pytest.mark.parametrize("variant", [*BUILDS, "debug"])
def test_a_worker_dispatches_and_a_join_does_not(index: Index, names: Names, variant: str) -> None:
    polling = index(variant).polling
    assert names(index(variant), polling.functions[polling.dispatches]) == {"worker_loop"}


@pytest.mark.parametrize("variant", BUILDS)
def test_what_the_loops_call_to_look_is_a_helper(index: Index, names: Names, variant: str) -> None:
    library = index(variant)
    assert names(library, library.polling.helpers) == {"pop_front"}


def test_running_the_task_stands_around_the_polling_loop(index: Index, number: Number) -> None:
    library = index("outlined")
    worker = number(library, "worker_loop")
    code = disassemble(library.elf, int(library.functions.start[worker]), int(library.functions.end[worker]))
    task = next(i.address for i in code if i.is_call and i.target is None)
    regions = library.polling.regions
    inside = (regions.start <= task) & (task < regions.end)
    assert regions.place[inside].tolist() == [LoopPlace.AROUND]


@pytest.mark.parametrize("variant", [*BUILDS, "debug"])
def test_regions_lie_in_order_inside_polling_functions(index: Index, variant: str) -> None:
    library = index(variant)
    regions = library.polling.regions
    assert np.all(regions.start < regions.end)
    assert np.all(regions.end[:-1] <= regions.start[1:])
    owner = library.functions.lookup(regions.start)
    assert set(owner.tolist()) == set(library.polling.functions.tolist())


def test_aarch64_pauses_barriers_and_waits_for_events(aarch64: LibraryIndex, names: Names) -> None:
    spins = names(aarch64, aarch64.spins.function)
    assert spins == {"spin_pause", "join_yield", "join_wfe", "join_hidden"}
    assert names(aarch64, aarch64.polling.wrappers) == {"spin_pause"}
    polling = aarch64.polling
    waiting = {"worker_loop", "join_yield", "join_wfe", "join_hidden"}
    assert names(aarch64, polling.functions) == waiting
    assert names(aarch64, polling.functions[polling.dispatches]) == {"worker_loop"}


def test_aarch64_calls_through_the_plt_are_resolved(aarch64: LibraryIndex, names: Names) -> None:
    assert names(aarch64, aarch64.polling.helpers) == {"pop_front"}
