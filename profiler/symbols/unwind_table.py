"""Function bounds from `.eh_frame_hdr`'s binary search table and the frame descriptions it points to.

The table gives where each function begins; its length stands in the FDE, in the encoding that the FDE's CIE
names. Format: LSB Core "Exception Frames", https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/
LSB-Core-generic/ehframechpt.html. All FDEs are read at once: a library has tens of thousands.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE, PT_GNU_EH_FRAME, SHT_NOBITS

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.arrays import Bytes, Int64s
    from profiler.symbols.elf import ElfFile

HEADER_SIZE = 12
"""version, three encodings, eh_frame pointer (4 bytes), entry count (4 bytes)."""
SEARCHABLE = b"\x03\x3b"
"""Count as udata4, table as datarel | sdata4: the only layout that linkers write and libgcc searches."""
FDE_POINTERS_AT = 8
"""An FDE: length (4), distance back to its CIE (4), first address, address count."""
EXTENDED_LENGTH = 0xFFFFFFFF
"""In place of an entry's length: it follows in 8 bytes. Only sections above 4 GB need it."""
MAX_CIE_BYTES = 64
ABSOLUTE, PCREL_SDATA4, OMITTED = 0x00, 0x1B, 0xFF
"""DW_EH_PE encodings."""
ENCODED_SIZE = {0x00: 8, 0x02: 2, 0x03: 4, 0x04: 8, 0x0A: 2, 0x0B: 4, 0x0C: 8}
"""Bytes of a pointer by the low half of its DW_EH_PE encoding, on a 64-bit machine."""


def read_frame_bounds(elf: ElfFile) -> tuple[Int64s, Int64s]:
    """(start, end) virtual addresses of every function with an FDE, by address, without repeats.

    Empty where there are neither a search table nor `.eh_frame`. Entries that point outside the file are left
    out.
    """
    start, fdes = _search_table(elf) or _all_fdes(elf)
    start, first = np.unique(start, return_index=True)
    length = _lengths(elf, fdes[first])
    usable = (length > 0) & (length < 1 << 62)
    start, end = start[usable], (start + length)[usable]
    end[:-1] = np.minimum(end[:-1], start[1:])
    return start, end


def _search_table(elf: ElfFile) -> tuple[Int64s, Int64s] | None:
    """(function's address, FDE's file offset) of each entry; None where there is no table."""
    header = next((part for part in elf.segments if part.kind == PT_GNU_EH_FRAME), None)
    if header is None or header.size < HEADER_SIZE:
        return None
    data = elf.file_range(header.offset, header.size)
    if data[0] != 1 or bytes(data[2:4]) != SEARCHABLE:
        return None
    count = min(int(data[8:12].view("<u4")[0]), (header.size - HEADER_SIZE) // 8)
    table = data[HEADER_SIZE : HEADER_SIZE + count * 8].view("<i4").reshape(-1, 2).astype(np.int64)
    return table[:, 0] + header.address, elf.to_offsets(table[:, 1] + header.address)


def _all_fdes(elf: ElfFile) -> tuple[Int64s, Int64s]:
    """Do the same for statically linked programs, which have no table: one FDE after the other."""
    section = elf.section(".eh_frame")
    begins: list[int] = []
    if section is not None and section.kind != SHT_NOBITS:
        data = bytes(elf.section_data(section))
        at = 0
        while at + 8 <= len(data):
            length, cie = struct.unpack_from("<II", data, at)
            if length in (0, EXTENDED_LENGTH):
                break
            if cie and at + FDE_POINTERS_AT + 4 <= len(data):
                begins.append(section.offset + at)
            at += 4 + length
    fdes = np.array(begins, np.int64)
    cies = fdes + 4 - gather(elf.data, fdes + 4, "<u4")
    relative = {int(cie): _encoding(elf.data, int(cie)) == PCREL_SDATA4 for cie in np.unique(cies)}
    fdes = fdes[np.array([relative[int(cie)] for cie in cies], np.bool_)]
    field = fdes + FDE_POINTERS_AT
    return elf.to_addresses(field) + gather(elf.data, field, "<i4"), fdes


def _lengths(elf: ElfFile, fdes: Int64s) -> Int64s:
    """Address counts of the FDEs at these file offsets; 0 where one can't be read."""
    lengths = np.zeros(len(fdes), np.int64)
    readable = np.flatnonzero((fdes != NOWHERE) & (fdes + FDE_POINTERS_AT + 16 <= len(elf.data)))
    fdes = fdes[readable]
    cies = fdes + 4 - gather(elf.data, fdes + 4, "<u4")
    distinct, cie_of = np.unique(cies, return_inverse=True)
    sizes = [ENCODED_SIZE.get(_encoding(elf.data, int(cie)) & 0xF, 0) for cie in distinct]
    pointer_size = np.array(sizes, np.int64)[cie_of]
    for size, layout in ((2, "<u2"), (4, "<u4"), (8, "<i8")):
        chosen = np.flatnonzero(pointer_size == size)
        lengths[readable[chosen]] = gather(elf.data, fdes[chosen] + FDE_POINTERS_AT + size, layout)
    return lengths


def gather(data: Bytes, offsets: Int64s, layout: str) -> Int64s:
    """Numbers of one layout at many, unaligned, offsets; every offset must be inside."""
    size = np.dtype(layout).itemsize
    rows = data[offsets[:, None] + np.arange(size)]
    values: npt.NDArray[np.integer] = np.ascontiguousarray(rows).view(layout).ravel()
    return values.astype(np.int64)


def _encoding(data: Bytes, offset: int) -> int:
    """DW_EH_PE encoding of the addresses in the FDEs of the CIE at a file offset; OMITTED if unreadable."""
    if not 0 <= offset < len(data):
        return OMITTED
    cie = bytes(data[offset : offset + MAX_CIE_BYTES])
    version, augmentation = cie[8:9], cie[9:].split(b"\0", 1)[0]
    if cie[4:8] != b"\0\0\0\0" or version not in (b"\1", b"\3"):
        return OMITTED
    if not augmentation.startswith(b"z"):
        return OMITTED if augmentation else ABSOLUTE
    at = 9 + len(augmentation) + 1
    for _ in range(2 if version == b"\1" else 3):  # code and data alignment, version 3's register
        at = _after_leb128(cie, at)
    at = _after_leb128(cie, at + 1 if version == b"\1" else at)  # version 1's register; the data's length
    for letter in augmentation[1:].decode("ascii", "replace"):
        encoding = cie[at] if at < len(cie) else OMITTED
        if letter == "R":
            return encoding
        if letter in "LP":
            at += 1 + (ENCODED_SIZE.get(encoding & 0xF, 0) if letter == "P" else 0)
    return ABSOLUTE


def _after_leb128(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & 0x80:
        at += 1
    return at + 1
