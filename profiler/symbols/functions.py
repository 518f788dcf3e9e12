"""Function bounds: from unwind tables, which stripping leaves, and from the symbol table where there is one.

Compilers write one frame description (FDE) for each function, or for each part of a function that they split
(`.cold`), so the FDEs decide where functions begin and end, with and without symbols alike. Symbols give the
names, and bounds where no FDE is (assembly kernels). Names stay mangled: perf demangles what it finds itself.

Formats: LSB Core "Exception Frames" (https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/
LSB-Core-generic/ehframechpt.html), gABI "Symbol Table".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE, SHT_NOBITS
from profiler.symbols.unwind_table import read_frame_bounds

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.arrays import Bytes, Int32s, Int64s
    from profiler.symbols.elf import ElfFile, Section


SYMBOL = np.dtype(
    [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"), ("value", "<u8"), ("size", "<u8")]
)
"""Elf64_Sym."""
STT_FUNC, STT_GNU_IFUNC = 2, 10


@dataclass(frozen=True, slots=True)
class FunctionTable:
    """Functions in order of address; none overlaps the next. The three columns have the same length."""

    start: Int64s
    """Virtual address of the first byte."""
    end: Int64s
    """Virtual address after the last byte."""
    name_offset: Int64s
    """Where the name begins in `names`, or NOWHERE for a function without a name."""
    names: Bytes
    """The file's string table: names that end with a zero byte."""

    def __len__(self) -> int:
        """Return the number of functions."""
        return len(self.start)

    def lookup(self, addresses: npt.NDArray[np.integer]) -> Int32s:
        """Virtual addresses -> function indices, NOWHERE outside every function, element by element."""
        wanted = np.asarray(addresses).astype(np.int64)
        if not len(self.start):
            return np.full(wanted.shape, NOWHERE, np.int32)
        index = np.searchsorted(self.start, wanted, side="right") - 1
        inside = (index >= 0) & (wanted < self.end[index])
        return np.where(inside, index, NOWHERE).astype(np.int32)

    def starting_at(self, addresses: npt.NDArray[np.integer]) -> Int32s:
        """Virtual addresses -> indices of the functions that begin exactly there, else NOWHERE."""
        index = self.lookup(addresses)
        if not len(self.start):
            return index
        exact = (index != NOWHERE) & (self.start[index] == np.asarray(addresses).astype(np.int64))
        return np.where(exact, index, NOWHERE).astype(np.int32)

    def name(self, index: int) -> str | None:
        """Return the mangled name of a function, None where the file has none."""
        at = int(self.name_offset[index])
        if at == NOWHERE:
            return None
        return bytes(self.names[at : at + 65536]).split(b"\0", 1)[0].decode("utf-8", "replace")

    def size(self, index: int) -> int:
        """Return the length of a function in bytes."""
        return int(self.end[index] - self.start[index])


def read_functions(elf: ElfFile) -> FunctionTable:
    """Read the function bounds and names of a file.

    Damaged unwind entries are left out; `ElfFormatError` where a table reaches past the end of the file.
    """
    frame_start, frame_end = read_frame_bounds(elf)
    symbol_start, symbol_end, symbol_name, names = _read_symbols(elf)

    position = np.searchsorted(frame_start, symbol_start, side="right") - 1
    in_frame = np.zeros(len(symbol_start), np.bool_)
    frame_name = np.full(len(frame_start), NOWHERE, np.int64)
    if len(frame_start):
        in_frame = (position >= 0) & (symbol_start < frame_end[position])
        named = in_frame & (symbol_start == frame_start[position])
        # Backwards, so that of several aliases the first in the symbol table stays.
        frame_name[position[named][::-1]] = symbol_name[named][::-1]

    outside = ~in_frame & (symbol_end > symbol_start)
    start = np.concatenate([frame_start, symbol_start[outside]])
    end = np.concatenate([frame_end, symbol_end[outside]])
    name = np.concatenate([frame_name, symbol_name[outside]])
    start, first = np.unique(start, return_index=True)
    end, name = end[first], name[first]
    end[:-1] = np.minimum(end[:-1], start[1:])
    in_file = (elf.to_offsets(start) != NOWHERE) & (elf.to_offsets(end - 1) != NOWHERE)
    start, end, name = start[in_file], end[in_file], name[in_file]
    return FunctionTable(start, end, name, names)


def read_names(elf: ElfFile) -> Bytes:
    """Return the string table that `FunctionTable.name_offset` counts in; empty without symbols."""
    section = _symbol_section(elf)
    return np.zeros(0, np.uint8) if section is None else elf.section_data(elf.sections[section.link])


def _symbol_section(elf: ElfFile) -> Section | None:
    """`.symtab` holds all that `.dynsym` does, so one of them is enough."""
    section = elf.section(".symtab") or elf.section(".dynsym")
    usable = section is not None and section.kind != SHT_NOBITS and section.link < len(elf.sections)
    return section if usable else None


def _read_symbols(elf: ElfFile) -> tuple[Int64s, Int64s, Int64s, Bytes]:
    """(start, end, name offset) of each function symbol in table order, and the string table."""
    section = _symbol_section(elf)
    names = read_names(elf)
    if section is None:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing, names
    symbols = read_symbol_table(elf, section)
    kind = symbols["info"] & 0xF
    is_function = ((kind == STT_FUNC) | (kind == STT_GNU_IFUNC)) & (symbols["section"] != 0)
    is_function &= (symbols["value"] < 1 << 62) & (symbols["size"] < 1 << 62)
    symbols = symbols[is_function]
    start = symbols["value"].astype(np.int64)
    name = symbols["name"].astype(np.int64)
    name[name >= len(names)] = NOWHERE
    return start, start + symbols["size"].astype(np.int64), name, names


def read_symbol_table(elf: ElfFile, section: Section) -> npt.NDArray[np.void]:
    """Rows of a symbol table section as `SYMBOL` records."""
    data = elf.section_data(section)
    return data[: len(data) // SYMBOL.itemsize * SYMBOL.itemsize].view(SYMBOL)
