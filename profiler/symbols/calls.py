"""Who calls whom directly, and how a return address was called.

x86-64: CALL rel32 (E8), JMP rel32 (E9, tail calls), CALL r/m64 (FF /2); aarch64: BL, B (tail calls), BLR.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import encodings as enc
from profiler.symbols.elf import NOWHERE
from profiler.symbols.unwind_table import gather

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.arrays import Bools, Bytes, Int32s, Int64s
    from profiler.symbols.elf import ElfFile
    from profiler.symbols.image import Image


LONGEST_CALL = 7
"""FF /2 with a SIB byte and a 32-bit displacement (prefixes come before and do not matter)."""
INDIRECT_CALLS = (
    (2, enc.MOD_REGISTER, False),
    (2, enc.MOD_NO_DISPLACEMENT, False),
    (3, enc.MOD_NO_DISPLACEMENT, True),
    (3, 1, False),
    (4, 1, True),
    (6, 2, False),
    (7, 2, True),
    (7, enc.MOD_NO_DISPLACEMENT, True),
)
"""FF /2 by (length, ModRM.mod, whether a SIB byte follows); [rip + disp32] comes on top. The last one's SIB
byte has no base, which stands for a 32-bit displacement."""


class CallKind(IntEnum):
    """How a caller's frame entered its callee."""

    UNKNOWN = 0
    """The bytes before the return address are no call: a leaf frame, a signal frame, or a wrong unwind."""
    DIRECT = 1
    """The callee stands in the instruction. Calls through the PLT count: the stub stands there."""
    INDIRECT = 2
    """Through a register or memory: a virtual function, a `std::function`, a thread's entry."""


@dataclass(frozen=True, slots=True)
class CallSites:
    """Direct calls and jumps found by scan, not yet confirmed by disassembly. Equal lengths."""

    address: Int64s
    """Virtual address of the instruction."""
    caller: Int32s
    """Index of the function that contains it."""
    callee: Int32s
    """Index of the function that it calls."""


def find_call_sites(image: Image, callees: npt.NDArray[np.integer]) -> CallSites:
    """Candidates for direct calls of, and tail jumps to, the beginning of any of `callees`.

    `callees` are function indices. On x86-64 the bytes may lie inside another instruction, so the caller
    confirms by disassembly; sites outside all function bounds, which can't be, are left out.
    """
    wanted = image.functions.start[np.asarray(callees).astype(np.int64)]
    stubs = image.stubs
    return find_sites_of(image, np.concatenate([wanted, stubs.address[np.isin(stubs.target, wanted)]]))


def find_sites_of(image: Image, addresses: Int64s) -> CallSites:
    """Candidates for direct calls of functions' beginnings and stubs, as `find_call_sites` has them."""
    elf, functions, stubs = image.elf, image.functions, image.stubs
    scan, overlap = SCANS.get(elf.machine, (None, 0))
    sites, targets = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    if scan is not None and len(addresses):
        for address, code in elf.code_chunks(overlap):
            site, target = scan(code, address)
            hit = np.isin(target, addresses)
            sites.append(site[hit])
            targets.append(target[hit])
    found = np.concatenate(sites)
    caller = functions.lookup(found)
    callee = functions.lookup(stubs.resolve(np.concatenate(targets)))
    inside = caller != NOWHERE
    return CallSites(found[inside], caller[inside], callee[inside])


def call_kinds(image: Image, addresses: npt.NDArray[np.integer]) -> Bytes:
    """`CallKind` of each caller frame, whose virtual address is the return address minus one.

    perf prints callers so when it unwinds: the address lies inside the call instruction. One call's bytes can
    end with another's; CALL rel32 wins when it leads to a function's beginning or a stub, which by chance
    happens once in some 100,000 times, then FF /2, then CALL rel32 to any code.
    """
    elf = image.elf
    after = np.asarray(addresses).astype(np.int64) + 1
    kinds = np.full(after.shape, CallKind.UNKNOWN, np.uint8)
    offsets = elf.to_offsets(after - 1) + 1
    if elf.machine == "x86-64":
        usable = np.flatnonzero(offsets >= LONGEST_CALL)
        before = elf.data[offsets[usable, None] + np.arange(-LONGEST_CALL, 0)]
        kinds[usable] = _kinds_x86(image, before, after[usable])
    elif elf.machine == "aarch64":
        usable = np.flatnonzero(offsets >= enc.A64_SIZE)
        word = gather(elf.data, offsets[usable] - enc.A64_SIZE, "<u4")
        indirect = enc.BLR.matches(word) | enc.BLR_AUTHENTICATED.matches(word)
        kinds[usable] = np.select(
            [enc.BL.matches(word), indirect], [CallKind.DIRECT, CallKind.INDIRECT], CallKind.UNKNOWN
        )
    return kinds


def _kinds_x86(image: Image, before: Bytes, after: Int64s) -> npt.NDArray[np.integer]:
    rel32 = before[:, -enc.REL32_SIZE] == enc.CALL_REL32
    distance = np.ascontiguousarray(before[:, -4:]).view("<i4").ravel().astype(np.int64)
    target = after + distance
    to_function = image.functions.starting_at(target) != NOWHERE
    known = rel32 & (to_function | np.isin(target, image.stubs.address))
    plausible = rel32 & _in_code(image.elf, target)
    indirect = (before[:, -6] == enc.GROUP_5) & (before[:, -5] == enc.MODRM_RIP_CALL)
    for length, mode, has_sib in INDIRECT_CALLS:
        modrm = before[:, -length + 1]
        register = modrm & 7
        form = (before[:, -length] == enc.GROUP_5) & ((modrm >> 3 & 7) == enc.GROUP_5_CALL)
        form &= (modrm >> 6) == mode
        if mode != enc.MOD_REGISTER:
            form &= (register == enc.RM_SIB) == has_sib
        if mode == enc.MOD_NO_DISPLACEMENT:
            form &= register != enc.RM_RIP
        indirect |= form
    return np.select(
        [known, indirect, plausible],
        [CallKind.DIRECT, CallKind.INDIRECT, CallKind.DIRECT],
        CallKind.UNKNOWN,
    )


def _in_code(elf: ElfFile, addresses: Int64s) -> Bools:
    inside = np.zeros(len(addresses), np.bool_)
    for part in elf.code:
        inside |= (addresses >= part.address) & (addresses < part.address + part.size)
    return inside


def _scan_x86(code: Bytes, address: int) -> tuple[Int64s, Int64s]:
    """(site, target) of everything that looks like CALL rel32 or JMP rel32."""
    opcode = code[: max(len(code) - enc.REL32_SIZE + 1, 0)]
    at = np.flatnonzero((opcode == enc.CALL_REL32) | (opcode == enc.JMP_REL32))
    site = at + address
    return site, site + enc.REL32_SIZE + gather(code, at + 1, "<i4")


def _scan_aarch64(code: Bytes, address: int) -> tuple[Int64s, Int64s]:
    """(site, target) of every BL and B."""
    words = code[: len(code) // enc.A64_SIZE * enc.A64_SIZE].view("<u4")
    at = np.flatnonzero(enc.B_OR_BL.matches(words))
    distance = (words[at].astype(np.int64) & 0x3FFFFFF) << 2
    distance -= (distance >> 27) << 28
    site = at * enc.A64_SIZE + address
    return site, site + distance


SCANS = {"x86-64": (_scan_x86, enc.REL32_SIZE - 1), "aarch64": (_scan_aarch64, 0)}
"""Scan by machine, and how many bytes behind an opcode it looks at."""
