from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.symbols.disassemble import disassemble
from profiler.symbols.elf import ElfFile, ElfFormatError
from profiler.symbols.loops import find_loops, read_flow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.library import LibraryIndex

    Decode = Callable[[str], list[Instruction]]


@pytest.fixture
def x86(build: Callable[[str], Path]) -> Decode:
    """Decode bytes (hexadecimal) as if they stood at the text's beginning, address 0x1000."""
    elf = ElfFile.open(build("inlined"))
    segments = tuple(replace(part, address=0x1000, offset=0) for part in elf.segments if part.executable)

    def decoded(code: str) -> list[Instruction]:
        data = np.frombuffer(bytes.fromhex(code), np.uint8)
        loads = tuple(replace(part, size=len(data)) for part in segments)
        return disassemble(replace(elf, data=data, segments=loads), 0x1000, 0x1000 + len(data))

    return decoded


@pytest.mark.parametrize(
    ("code", "mnemonic"),
    [
        ("f390", "pause"),
        ("660faef1", "tpause"),
        ("66410faef0", "tpause"),
        ("f20faef6", "umwait"),
        ("0f01fb", "mwaitx"),
    ],
)
def test_x86_pauses(x86: Decode, code: str, mnemonic: str) -> None:
    assert [(i.mnemonic, i.is_spin, i.data.hex()) for i in x86(code)] == [(mnemonic, True, code)]


@pytest.mark.parametrize("code", ["90", "4190", "f34190", "0faef0", "f30faef6", "0f01fa", "35f390f390"])
def test_x86_relatives_of_pauses(x86: Decode, code: str) -> None:
    assert [i.is_spin for i in x86(code)] == [False]


@pytest.mark.parametrize(
    ("code", "is_call", "is_jump", "target"),
    [
        ("e8fbffffff", True, False, 0x1000),
        ("f2e8faffffff", True, False, 0x1000),
        ("ffd0", True, False, None),
        ("e900000000", False, True, 0x1005),
        ("e9fbdfffff", False, True, -0x1000),
        ("ebfe", False, True, 0x1000),
        ("7402", False, True, 0x1004),
        ("f2ffe0", False, True, None),
        ("c3", False, False, None),
        ("48c7c000100000", False, False, None),
    ],
)
def test_x86_calls_and_jumps(
    x86: Decode, code: str, is_call: bool, is_jump: bool, target: int | None
) -> None:
    (instruction,) = x86(code)
    assert (instruction.is_call, instruction.is_jump, instruction.target) == (is_call, is_jump, target)


def test_bytes_that_are_no_instruction_are_skipped(x86: Decode) -> None:
    code = x86("06" + "f390" + "c3")
    assert [i.mnemonic for i in code if i.is_spin] == ["pause"]
    assert b"".join(i.data for i in code).hex() == "06f390c3"


def test_aarch64_instructions(aarch64: LibraryIndex, number: Callable[[LibraryIndex, str], int]) -> None:
    def decoded(name: str) -> list[Instruction]:
        return aarch64.image.disassemble(number(aarch64, name))

    assert [i.mnemonic for i in decoded("barrier") if i.mnemonic == "isb" and not i.is_spin] == ["isb"]
    assert [i.mnemonic for i in decoded("system_register") if i.is_spin] == []
    start = int(aarch64.functions.start[number(aarch64, "join_hidden")])
    (jump,) = decoded("tail_caller")
    assert (jump.is_jump, jump.is_call, jump.target) == (True, False, start)
    test, back = (i for i in decoded("join_hidden") if i.is_jump)
    assert (test.mnemonic, test.target, back.target) == ("tbz", start + 16, start)


def test_addresses_outside_the_file_are_refused(build: Callable[[str], Path]) -> None:
    elf = ElfFile.open(build("inlined"))
    for start, end in ((1 << 40, (1 << 40) + 4), (0x1000, 0xFFF)):
        with pytest.raises(ElfFormatError):
            disassemble(elf, start, end)


def test_other_machines_are_refused(build: Callable[[str], Path]) -> None:
    elf = replace(ElfFile.open(build("inlined")), machine="other")
    with pytest.raises(ElfFormatError, match="only x86-64 and aarch64"):
        disassemble(elf, elf.code[0].address, elf.code[0].address + 4)


@pytest.mark.parametrize(
    ("code", "loops"),
    [
        ("c3", []),
        ("90ebfd", [{0, 1}]),  # nop; jmp to it
        ("9074fdc3", [{0, 1}]),
        ("eb0390f39074fbc3", [{1, 2, 3}]),  # entered at its end: the condition comes last
        ("7402ebfcc3", [{0, 1}]),  # a jump back to the entry
        ("907401c39090ebf8c3", [{0, 1, 3, 4, 5}]),  # the tail lies behind the return
        ("9074fd74fbc3", [{0, 1, 2}]),  # two ways back to one header
        ("909074fd74fac3", [{1, 2}, {0, 1, 2, 3}]),  # a loop in a loop
        ("7403eb0190ebfdc3", [{2, 3}]),  # into the middle from two sides
    ],
)
def test_natural_loops(x86: Decode, code: str, loops: list[set[int]]) -> None:
    assert [set(loop) for loop in find_loops(read_flow(x86(code)))] == loops


def test_code_behind_a_call_that_never_returns_closes_no_loop(x86: Decode) -> None:
    code = x86("90" + "7406" + "e800000000" + "c3" + "ebf5")  # the call is all that leads to its successor
    behind = x86("90" + "e800000000" + "ebf8")
    assert [set(loop) for loop in find_loops(read_flow(behind))] == [{0, 1, 2}]
    assert find_loops(read_flow(behind, {0x1006})) == []
    assert len(find_loops(read_flow(code))) == 1
