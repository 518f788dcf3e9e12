"""The procedure linkage table: which stub leads to which symbol.

A library's calls of its own exported functions also go through stubs, unless it was linked with -Bsymbolic
or hidden visibility, so a direct call of a stub is a direct call of what the stub leads to. Each stub jumps
through a slot of the global offset table; a relocation names the slot's symbol (x86-64 psABI section 5.2,
AAELF64).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import encodings as enc
from profiler.symbols.elf import NOWHERE, SHT_DYNSYM, SHT_RELA
from profiler.symbols.functions import read_symbol_table
from profiler.symbols.unwind_table import gather

if TYPE_CHECKING:
    from profiler.arrays import Bytes, Int64s
    from profiler.symbols.elf import ElfFile, Section

RELOCATION = np.dtype([("offset", "<u8"), ("kind", "<u4"), ("symbol", "<u4"), ("addend", "<i8")])
"""Elf64_Rela, its info field split."""
STUB_SIZES = (8, 16)
"""Bytes of an x86-64 stub, in `.plt.got` and elsewhere; 16 where the section header does not say."""
NO_RETURN = re.compile(
    r"(__stack_chk_fail|_Unwind_Resume|__cxa_(re)?throw|__cxa_bad_\w+|abort|_?exit|__assert_fail"
    r"|_ZSt9terminatev|_ZSt\d+__throw_\w+)$"
)
"""What is called without code after it: failed checks, thrown C++ exceptions (Itanium C++ ABI), exits."""


@dataclass(frozen=True, slots=True)
class Stubs:
    """PLT stubs in order of address. All three have the same length."""

    address: Int64s
    """Virtual address where the stub begins."""
    target: Int64s
    """Virtual address of the symbol in this same file, NOWHERE for imported ones."""
    names: tuple[str, ...]
    """The symbol, mangled; "" where it has none (an indirect function)."""

    def resolve(self, addresses: Int64s) -> Int64s:
        """Replace addresses of stubs by what they lead to, where that is in this file."""
        if not len(self.address):
            return addresses
        index = np.minimum(np.searchsorted(self.address, addresses), len(self.address) - 1)
        local = (self.address[index] == addresses) & (self.target[index] != NOWHERE)
        return np.where(local, self.target[index], addresses)

    @property
    def no_return(self) -> frozenset[int]:
        """Addresses of stubs that lead to functions which never return."""
        never_return = (bool(NO_RETURN.match(name)) for name in self.names)
        return frozenset(int(at) for at, never in zip(self.address, never_return, strict=True) if never)

    def name(self, address: int) -> str | None:
        """Return the symbol that the stub at this address leads to; None where no stub begins there."""
        index = int(np.searchsorted(self.address, address))
        if index < len(self.address) and self.address[index] == address:
            return self.names[index] or None
        return None


NO_STUBS = Stubs(np.zeros(0, np.int64), np.zeros(0, np.int64), ())


def read_stubs(elf: ElfFile) -> Stubs:
    """Read the PLT of a file; empty for static ones. `ElfFormatError` for tables past the end of the file."""
    parts = [
        _stubs_in(elf, part) for part in elf.sections if part.executable and part.name.startswith(".plt")
    ]
    symbols_in = next((part for part in elf.sections if part.kind == SHT_DYNSYM), None)
    if not parts or symbols_in is None or symbols_in.link >= len(elf.sections):
        return NO_STUBS
    address, first = np.unique(np.concatenate([part[0] for part in parts]), return_index=True)
    slot = np.concatenate([part[1] for part in parts])[first]

    symbols = read_symbol_table(elf, symbols_in)
    if not len(symbols):
        return NO_STUBS
    strings = elf.section_data(elf.sections[symbols_in.link])
    symbol_of_slot = _relocations(elf, len(symbols))
    chosen = symbols[[symbol_of_slot.get(place, 0) for place in slot.tolist()]]
    target = np.where(chosen["section"] != 0, chosen["value"].astype(np.int64), NOWHERE)
    return Stubs(address, target, tuple(_text(strings, at) for at in chosen["name"].tolist()))


def _stubs_in(elf: ElfFile, section: Section) -> tuple[Int64s, Int64s]:
    """(start of each stub, GOT slot it jumps through) in one section."""
    code = elf.section_data(section)
    if elf.machine == "aarch64":
        return _aarch64_stubs(code, section.address)
    jumps = np.flatnonzero((code[:-5] == enc.GROUP_5) & (code[1:-4] == enc.MODRM_RIP_JMP))
    size = section.entry_size if section.entry_size in STUB_SIZES else max(STUB_SIZES)
    return section.address + jumps // size * size, section.address + jumps + 6 + gather(
        code, jumps + 2, "<i4"
    )


def _aarch64_stubs(code: Bytes, address: int) -> tuple[Int64s, Int64s]:
    """ADRP and LDR, with BTI C before them where branch targets are protected."""
    words = code[: len(code) // enc.A64_SIZE * enc.A64_SIZE].view("<u4").astype(np.int64)
    at = np.flatnonzero(enc.ADRP_X16.matches(words[:-1]) & enc.LDR_X17_X16.matches(words[1:]))
    adrp, load = words[at], words[at + 1]
    pages = (adrp >> 29 & 3) | (adrp >> 5 & 0x7FFFF) << 2
    pages -= (pages >> 20) << 21
    place = address + at * enc.A64_SIZE
    slot = (place & ~0xFFF) + (pages << 12) + (load >> 10 & 0xFFF) * 8
    protected = (at > 0) & enc.BTI_C.matches(words[at - 1])
    return place - enc.A64_SIZE * protected, slot


def _relocations(elf: ElfFile, symbols: int) -> dict[int, int]:
    """GOT slot -> index of its symbol in `.dynsym`."""
    symbol_of_slot: dict[int, int] = {}
    for section in elf.sections:
        if section.kind == SHT_RELA:
            data = elf.section_data(section)
            rows = data[: len(data) // RELOCATION.itemsize * RELOCATION.itemsize].view(RELOCATION)
            rows = rows[(rows["symbol"] > 0) & (rows["symbol"] < symbols)]
            symbol_of_slot.update(zip(rows["offset"].tolist(), rows["symbol"].tolist(), strict=True))
    return symbol_of_slot


def _text(strings: Bytes, at: int) -> str:
    return bytes(strings[at : at + 4096]).split(b"\0", 1)[0].decode("utf-8", "replace")
