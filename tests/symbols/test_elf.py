from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.symbols.elf import NOWHERE, ElfFile, ElfFormatError
from profiler.symbols.frame_facts import describe
from profiler.symbols.library import open_library

if TYPE_CHECKING:
    from collections.abc import Callable

AARCH64 = Path(__file__).parent.parent / "data" / "asm" / "polling-aarch64.so"
WHOLE = AARCH64.read_bytes()


@pytest.mark.parametrize(
    ("variant", "level"), [("debug", "dwarf"), ("inlined", "symtab"), ("inlined-stripped", "none")]
)
def test_the_symbol_level_says_what_names_the_file_can_give(
    build: Callable[[str], Path], variant: str, level: str
) -> None:
    assert ElfFile.open(build(variant)).symbol_level == level


def test_the_build_id_is_the_one_that_readelf_prints_and_survives_strip(build: Callable[[str], Path]) -> None:
    printed = subprocess.run(
        ["readelf", "-n", str(build("inlined"))], check=True, capture_output=True, text=True
    ).stdout
    build_id = ElfFile.open(build("inlined")).build_id
    assert f"Build ID: {build_id}" in printed
    assert ElfFile.open(build("inlined-stripped")).build_id == build_id


def test_machines_are_told_apart(build: Callable[[str], Path]) -> None:
    assert ElfFile.open(build("inlined")).machine == "x86-64"
    assert ElfFile.open(AARCH64).machine == "aarch64"


def test_offsets_become_addresses_by_the_program_headers(build: Callable[[str], Path]) -> None:
    elf = ElfFile.open(build("hidden"))
    text = elf.section(".text")
    assert text is not None
    assert text.address - text.offset == 0x400000
    offsets = np.array([text.offset, text.offset + 5, 0x7FFF_FFFF, 2**64 - 1], np.uint64)
    assert elf.to_addresses(offsets).tolist() == [text.address, text.address + 5, NOWHERE, NOWHERE]
    assert elf.to_offsets(elf.to_addresses(offsets))[:2].tolist() == offsets[:2].tolist()


def test_the_code_is_read_in_chunks_that_overlap(
    build: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    elf = ElfFile.open(build("inlined"))
    monkeypatch.setattr("profiler.symbols.elf.CHUNK_BYTES", 100)
    for part in elf.code:
        chunks = [
            (a, bytes(c)) for a, c in elf.code_chunks(3) if part.address <= a < part.address + part.size
        ]
        assert b"".join(code[:100] for _, code in chunks) == bytes(elf.file_range(part.offset, part.size))
        for (_, code), (_, following) in pairwise(chunks):
            assert code[100:] == following[:3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"#!/bin/sh\n", "not an ELF file"),
        (b"\x7fELF\x01\x01" + bytes(60), "not a 64-bit little-endian"),
        (b"\x7fELF\x02\x01", "damaged"),
        (WHOLE[:700], "damaged"),
    ],
)
def test_other_files_are_refused_with_their_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "library.so"
    path.write_bytes(content)
    with pytest.raises(ElfFormatError, match=message) as caught:
        ElfFile.open(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.so", tmp_path):
        with pytest.raises(ElfFormatError, match="cannot be read"):
            ElfFile.open(path)


@pytest.mark.parametrize("machine", ["aarch64", "x86-64"])
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 2**14), st.integers(0, 2**64 - 1) | st.integers(0, 2**12)), max_size=6
    ),
    kept=st.just(2**20) | st.integers(0, 2**14),
)
def test_a_damaged_file_is_indexed_or_refused(
    build: Callable[[str], Path], tmp_path: Path, machine: str, changes: list[tuple[int, int]], kept: int
) -> None:
    content = bytearray(WHOLE if machine == "aarch64" else build("outlined").read_bytes())
    size = len(content)
    for at, value in changes:
        content[at % (size - 8) : at % (size - 8) + 8] = value.to_bytes(8, "little")
    path = tmp_path / "damaged.so"
    path.unlink(missing_ok=True)  # the old one may still be mapped
    path.write_bytes(content[:kept])
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    try:
        index = open_library(path, cache_folder=tmp_path / "cache")
    except ElfFormatError:
        return
    offsets = np.arange(0, size + 64, dtype=np.uint64)
    assert len(describe(offsets, index).address) == len(offsets)
