"""What a function's instructions are about: the hot loop, whom they call, where they enter a futex call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.rules.names import Name, of_symbol
from profiler.listing.instructions import Marks
from profiler.symbols.demangle import demangle
from profiler.symbols.elf import NOWHERE
from profiler.symbols.loops import find_loops, read_flow
from profiler.symbols.noreturn import NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image

MOST_INSTRUCTIONS = 20_000
"""Larger functions (interpreters' main loops) are not searched for loops: it would take seconds."""
SYSTEM_CALLS = frozenset({"syscall", "svc"})
FUTEX_CALL = re.compile(r"e?ax, 0xca|[wx]8, #0x62")
"""What puts the futex call's number where the kernel looks for it: 202 on x86-64, 98 on aarch64
(asm/unistd.h)."""
LOADED_WITHIN = 16
"""How many instructions before the system call its number is looked for."""


def mark(image: Image, code: Sequence[Instruction], cpu_by_address: Mapping[int, float]) -> Marks:
    """Mark a function's instructions; `cpu_by_address` tells which loop is the hot one."""
    calls = {
        index: name
        for index, instruction in enumerate(code)
        if instruction.is_call and (name := _callee(image, instruction))
    }
    waits = {index for index, name in calls.items() if of_symbol(name) & Name.WAIT}
    waits |= {
        index
        for index, instruction in enumerate(code)
        if instruction.mnemonic in SYSTEM_CALLS
        and any(
            before.mnemonic == "mov" and FUTEX_CALL.fullmatch(before.operands)
            for before in code[max(0, index - LOADED_WITHIN) : index]
        )
    }
    return Marks(_hot_loop(image, code, cpu_by_address), frozenset(waits), calls)


def _callee(image: Image, call: Instruction) -> str:
    if call.target is None:
        return ""
    name = image.stubs.name(call.target)
    if name is None:
        index = int(image.functions.starting_at(np.array([call.target]))[0])
        name = image.functions.name(index) if index != NOWHERE else None
    return demangle(name or "")


def _hot_loop(
    image: Image, code: Sequence[Instruction], cpu_by_address: Mapping[int, float]
) -> frozenset[int]:
    if len(code) > MOST_INSTRUCTIONS:
        return frozenset()
    hottest = max(
        (index for index, instruction in enumerate(code) if instruction.address in cpu_by_address),
        key=lambda index: cpu_by_address[code[index].address],
        default=NOWHERE,
    )
    loops = find_loops(read_flow(code, NoReturn(image).among(code)))
    return next((loop for loop in loops if hottest in loop), frozenset())
