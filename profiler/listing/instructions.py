"""The hottest instructions of a function, chosen from its disassembly. Pure; `code` reads the libraries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.listing.listing import InstructionLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.symbols.disassemble import Instruction

HOTTEST = 12


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of some instructions of a function, by their index."""

    loop: frozenset[int] = frozenset()
    """The innermost loop around the hottest one."""
    waits: frozenset[int] = frozenset()
    """Those that lead into a futex call."""
    calls: Mapping[int, str] = field(default_factory=dict)
    """The names of what they call."""


def choose(
    code: Sequence[Instruction], cpu_by_address: Mapping[int, float], most: int | None = HOTTEST
) -> list[int]:
    """Return the indices of a function's `most` hottest instructions in order of address, of all for None.

    A sample lands on the instruction after the one that took the time, so a pause right before a chosen
    instruction is chosen with it.
    """
    if most is None:
        return list(range(len(code)))
    heat = {i: cpu for i in range(len(code)) if (cpu := cpu_by_address.get(code[i].address, 0.0)) > 0}
    hottest = sorted(heat, key=lambda i: -heat[i])[:most]
    return sorted({*hottest, *(i - 1 for i in hottest if i and code[i - 1].is_spin)})


def show(
    code: Sequence[Instruction],
    chosen: Sequence[int],
    cpu_by_address: Mapping[int, float],
    marks: Marks,
    source: Mapping[int, int],
) -> list[InstructionLine]:
    """Return the chosen instructions as readers see them; `source` gives lines of the source by address."""
    total = sum(cpu_by_address.values())
    return [
        InstructionLine(
            code[i].address,
            f"{code[i].mnemonic} {code[i].operands}".strip(),
            cpu_by_address.get(code[i].address, 0.0) / total if total else 0.0,
            spins=code[i].is_spin,
            gap=i > 0 and (not before or chosen[before - 1] != i - 1),
            loop=i in marks.loop,
            waits=i in marks.waits,
            calls=marks.calls.get(i, ""),
            source=source.get(code[i].address, 0),
        )
        for before, i in enumerate(chosen)
    ]
