"""A file with what its code is read by: function bounds and PLT stubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.symbols.disassemble import disassemble

if TYPE_CHECKING:
    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.elf import ElfFile
    from profiler.symbols.functions import FunctionTable
    from profiler.symbols.plt import Stubs


@dataclass(frozen=True, slots=True)
class Image:
    """One file's headers, functions and PLT stubs."""

    elf: ElfFile
    functions: FunctionTable
    stubs: Stubs

    def disassemble(self, function: int) -> list[Instruction]:
        """Return the instructions of a function, by its index."""
        return disassemble(self.elf, int(self.functions.start[function]), int(self.functions.end[function]))
