"""The hottest instructions of a function, chosen from its disassembly. Pure; `code` reads the libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.symbols.disassemble import Instruction

HOTTEST = 12


class Line(msgspec.Struct, frozen=True):
    """One instruction."""

    address: int
    """Virtual address."""
    text: str
    share: float
    """Of the function's own CPU time."""
    spins: bool
    """A pause of a polling loop."""
    gap: bool
    """Instructions were left out before it."""


class Listing(msgspec.Struct, frozen=True):
    """A function's hottest instructions, in order of address."""

    function: str
    library: str
    lines: list[Line] = []
    why: str = ""
    """Why there are no lines."""


def choose(
    function: str, library: str, code: Sequence[Instruction], cpu_by_address: Mapping[int, float]
) -> Listing:
    """Return the listing of a function's `HOTTEST` instructions.

    A sample lands on the instruction after the one that took the time, so a pause right before a chosen
    instruction is chosen with it.
    """
    total = sum(cpu_by_address.values())
    heat = [cpu_by_address.get(instruction.address, 0.0) for instruction in code]
    hottest = sorted((i for i in range(len(code)) if heat[i] > 0), key=lambda i: -heat[i])[:HOTTEST]
    chosen = sorted({*hottest, *(i - 1 for i in hottest if i and code[i - 1].is_spin)})
    lines = [
        Line(
            code[i].address,
            f"{code[i].mnemonic} {code[i].operands}".strip(),
            heat[i] / total if total else 0.0,
            code[i].is_spin,
            i > 0 and (not before or chosen[before - 1] != i - 1),
        )
        for before, i in enumerate(chosen)
    ]
    return Listing(function, library, lines, "" if lines else "no sample fell on one of its instructions")
