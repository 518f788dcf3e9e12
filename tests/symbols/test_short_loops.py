"""Short loops around addresses, held against every byte of a function looked at one after the other."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols import short_loops as module
from profiler.symbols.library import open_library
from profiler.symbols.short_loops import LONGEST, short_loops
from tests.accuracy.loops import compile_loop

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.symbols.library import LibraryIndex


def expected(library: LibraryIndex, address: int) -> dict[int, set[tuple[int, int]]]:
    """Find the same as the definition has it (Intel SDM volume 2: 7x and EB rel8, 0F 8x rel32)."""
    (index,) = library.functions.lookup(np.array([address])).tolist()
    if index < 0:
        return {}
    start = int(library.functions.start[index])
    code = bytes(library.elf.memory_range(start, library.functions.size(index)))
    jumps = []
    for at, opcode in enumerate(code):
        if (0x70 <= opcode < 0x80 or opcode == 0xEB) and at + 2 <= len(code):
            jumps.append((at + 2, struct.unpack_from("b", code, at + 1)[0]))
        if opcode == 0x0F and at + 6 <= len(code) and 0x80 <= code[at + 1] < 0x90:
            jumps.append((at + 6, struct.unpack_from("<i", code, at + 2)[0]))
    loops = {
        (start + end + distance, start + end)
        for end, distance in jumps
        if -LONGEST <= distance < 0 <= end + distance
    }
    around = {loop for loop in loops if loop[0] <= address < loop[1]}
    return {index: around} if around else {}


@pytest.mark.parametrize("at_once", [7, 4096])
def test_they_are_what_each_function_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    library = open_library(compile_loop("bare_poll", tmp_path), cache_folder=tmp_path / "cache")
    if library.elf.machine != "x86-64":
        pytest.skip("the oracle reads x86-64")
    functions = library.functions
    everywhere = np.arange(int(functions.start[0]) - 3, int(functions.end[-1]) + 3)
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    each = [short_loops(library.image, np.array([address])) for address in everywhere.tolist()]
    assert each == [expected(library, address) for address in everywhere.tolist()]
    together: dict[int, set[tuple[int, int]]] = {}
    for one in each:
        for index, loops in one.items():
            together.setdefault(index, set()).update(loops)
    assert short_loops(library.image, everywhere) == together
    assert sum(map(len, together.values())) > 5


def test_around_no_address_there_are_none(tmp_path: Path) -> None:
    library = open_library(compile_loop("bare_poll", tmp_path), cache_folder=tmp_path / "cache")
    assert short_loops(library.image, np.zeros(0, np.int64)) == {}
    assert short_loops(library.image, np.array([-1, 1 << 62])) == {}
