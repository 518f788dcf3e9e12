"""Where `Run` begins and returns, by name or, in a stripped library, by its place in the C interface.

`OrtGetApiBase` is exported wherever the C interface is offered. It returns a pair of functions, of which the
first returns a table of functions for the version that it is asked for: all three are in relocated, read-only
data, so that they can be read from the file. `Run` is the tenth (include/onnxruntime/core/session/
onnxruntime_c_api.h: `struct OrtApi` has only ever been added to).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.disassemble import disassemble
from profiler.symbols.elf import NOWHERE, ElfFormatError
from profiler.symbols.functions import read_functions
from profiler.symbols.plt import RELOCATION

if TYPE_CHECKING:
    from profiler.symbols.elf import ElfFile
    from profiler.symbols.functions import FunctionTable

NAMED = re.compile(r"_ZN7OrtApis3RunE\w*|_ZN11onnxruntime16InferenceSession3RunE\w*")
"""`OrtApis::Run`, and the overloads of `onnxruntime::InferenceSession::Run`, of which some call others."""
EXPORTED = "OrtGetApiBase"
PLACE = 9
R_X86_64_RELATIVE = 8
POINTER = 8
FROM_HERE = re.compile(r"r\w+, \[rip ([+-]) (0x[0-9a-f]+|\d+)\]")
"""Operands of a `lea` that takes an address beside the code."""


@dataclass(frozen=True, slots=True)
class RunFunction:
    """One function that is `Run`; virtual addresses."""

    begin: int
    returns: tuple[int, ...]
    """Of its `ret` instructions."""


def run_functions(elf: ElfFile) -> list[RunFunction]:
    """Return them; empty where the file neither has their names nor offers the C interface.

    `ElfFormatError` for a damaged file.
    """
    functions = read_functions(elf)
    begins = [
        int(functions.start[index])
        for index in range(len(functions))
        if NAMED.fullmatch(functions.name(index) or "")
    ]
    if not begins and (offered := _offered(elf, functions)) is not None:
        begins = [offered]
    return [found for begin in begins if (found := _function(elf, functions, begin)) is not None]


def _function(elf: ElfFile, functions: FunctionTable, begin: int) -> RunFunction | None:
    """Return the function that begins there, unless none does or it does not return in that part."""
    index = int(functions.starting_at(np.array([begin]))[0])
    if index == NOWHERE:
        return None
    code = disassemble(elf, begin, int(functions.end[index]))
    returns = tuple(one.address for one in code if one.mnemonic.split(" ")[-1] == "ret")
    return RunFunction(begin, returns) if returns else None


def _offered(elf: ElfFile, functions: FunctionTable) -> int | None:
    """Return `Run`'s address in the table of the C interface; None where there is none to be read."""
    exported = next((at for at in range(len(functions)) if functions.name(at) == EXPORTED), None)
    if exported is None or elf.machine != "x86-64":
        return None
    pointers = _relocated(elf)
    pair = _taken_address(elf, int(functions.start[exported]), int(functions.end[exported]))
    getter = None if pair is None else pointers.get(pair)
    if getter is None:
        return None
    index = int(functions.starting_at(np.array([getter]))[0])
    table = None if index == NOWHERE else _taken_address(elf, getter, int(functions.end[index]))
    return None if table is None else pointers.get(table + PLACE * POINTER)


def _relocated(elf: ElfFile) -> dict[int, int]:
    """Return what the loader writes into data, by where: addresses of this same file."""
    section = elf.section(".rela.dyn")
    if section is None:
        return {}
    data = elf.section_data(section)
    rows = data[: len(data) // RELOCATION.itemsize * RELOCATION.itemsize].view(RELOCATION)
    rows = rows[rows["kind"] == R_X86_64_RELATIVE]
    return dict(zip(rows["offset"].tolist(), rows["addend"].tolist(), strict=True))


def _taken_address(elf: ElfFile, begin: int, end: int) -> int | None:
    """Return the first address that a function takes of something beside the code."""
    try:
        code = disassemble(elf, begin, end)
    except ElfFormatError:
        return None
    for instruction in code:
        operands = FROM_HERE.fullmatch(instruction.operands) if instruction.mnemonic == "lea" else None
        if operands is not None:
            distance = int(operands[2], 0) * (1 if operands[1] == "+" else -1)
            return instruction.address + len(instruction.data) + distance
    return None
