from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.symbols.elf import NOWHERE, ElfFile
from profiler.symbols.functions import FunctionTable, read_functions
from profiler.symbols.unwind_table import read_frame_bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def declared(library: Path) -> dict[str, tuple[int, int]]:
    """Name -> (start, end) as nm prints them."""
    text = subprocess.run(["nm", "-S", str(library)], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in text.splitlines()]
    return {
        row[3]: (int(row[0], 16), int(row[0], 16) + int(row[1], 16))
        for row in rows
        if len(row) == 4 and row[2] in "tTwW"
    }


@pytest.mark.parametrize("variant", ["inlined", "outlined", "hidden", "debug"])
def test_names_and_bounds_are_those_of_the_symbol_table(build: Callable[[str], Path], variant: str) -> None:
    table = read_functions(ElfFile.open(build(variant)))
    found = {table.name(i): (int(table.start[i]), int(table.end[i])) for i in range(len(table))}
    assert declared(build(variant)).items() <= found.items()


@pytest.mark.parametrize("variant", ["outlined", "hidden", "debug"])
def test_a_stripped_file_keeps_its_bounds(build: Callable[[str], Path], variant: str) -> None:
    full = read_functions(ElfFile.open(build(variant)))
    stripped = read_functions(ElfFile.open(build(f"{variant}-stripped")))
    in_frames, _ = read_frame_bounds(ElfFile.open(build(variant)))
    kept = np.isin(full.start, in_frames)
    assert full.start[kept].tolist() == stripped.start.tolist()
    assert full.end[kept].tolist() == stripped.end.tolist()


def test_exported_names_are_there_in_a_stripped_file(build: Callable[[str], Path]) -> None:
    table = read_functions(ElfFile.open(build("inlined-stripped")))
    assert "worker_loop" in {table.name(i) for i in range(len(table))}


def test_a_symbol_gives_bounds_where_no_unwind_table_does(tmp_path: Path) -> None:
    source = tmp_path / "kernel.s"
    source.write_text(
        ".globl kernel\n.type kernel, @function\nkernel: nop\nnop\nret\n.size kernel, . - kernel\n"
    )
    library = tmp_path / "kernel.so"
    subprocess.run(["gcc", "-shared", "-nostdlib", "-o", str(library), str(source)], check=True)
    table = read_functions(ElfFile.open(library))
    assert [(table.name(i), table.size(i)) for i in range(len(table))] == [("kernel", 3)]


def test_a_file_without_functions_has_an_empty_table(tmp_path: Path) -> None:
    source = tmp_path / "data.c"
    source.write_text("int answer = 42;\n")
    library = tmp_path / "data.so"
    subprocess.run(["gcc", "-shared", "-nostdlib", "-o", str(library), str(source)], check=True)
    table = read_functions(ElfFile.open(library))
    assert len(table) == 0
    assert table.lookup(np.array([0, 4096])).tolist() == [NOWHERE, NOWHERE]
    assert table.starting_at(np.array([0])).tolist() == [NOWHERE]


@given(
    sizes=st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=20),
    asked=st.lists(st.integers(-3, 250), max_size=50),
)
def test_lookup_finds_what_a_search_one_by_one_finds(sizes: list[tuple[int, int]], asked: list[int]) -> None:
    bounds, at = [], 0
    for gap, size in sizes:
        bounds.append((at + gap, at + gap + size))
        at += gap + size
    starts, ends = np.array([b[0] for b in bounds], np.int64), np.array([b[1] for b in bounds], np.int64)
    table = FunctionTable(starts, ends, np.full(len(bounds), NOWHERE), np.zeros(0, np.uint8))
    addresses = np.array(asked, np.int64)
    expected = [next((i for i, (s, e) in enumerate(bounds) if s <= a < e), NOWHERE) for a in asked]
    assert table.lookup(addresses).tolist() == expected
    exact = [
        i if i != NOWHERE and bounds[i][0] == a else NOWHERE for i, a in zip(expected, asked, strict=True)
    ]
    assert table.starting_at(addresses).tolist() == exact


def test_kernel_addresses_are_nowhere() -> None:
    table = FunctionTable(np.array([0]), np.array([10]), np.array([NOWHERE]), np.zeros(0, np.uint8))
    assert table.lookup(np.array([0xFFFF_FFFF_8100_0000, 5], np.uint64)).tolist() == [NOWHERE, 0]
