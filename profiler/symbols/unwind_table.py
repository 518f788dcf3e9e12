"""Function bounds from `.eh_frame_hdr`'s binary search table and the frame descriptions it points to.

The table gives where each function begins; its length stands in the FDE, in the encoding that the FDE's CIE
names. Format: LSB Core "Exception Frames", https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/
LSB-Core-generic/ehframechpt.html. All FDEs are read at once: a library has tens of thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE, PT_GNU_EH_FRAME

if TYPE_CHECKING:
    import numpy.typing as npt

    from profiler.symbols.elf import Bytes, ElfFile, Int64s

HEADER_SIZE = 12
"""version, three encodings, eh_frame pointer (4 bytes), entry count (4 bytes)."""
SEARCHABLE = b"\x03\x3b"
"""Count as udata4, table as datarel | sdata4: the only layout that linkers write and libgcc searches."""
FDE_POINTERS_AT = 8
"""An FDE: length (4), distance back to its CIE (4), first address, address count."""
MAX_CIE_BYTES = 64
ENCODED_SIZE = {0x00: 8, 0x02: 2, 0x03: 4, 0x04: 8, 0x0A: 2, 0x0B: 4, 0x0C: 8}
"""Bytes of a pointer by the low half of its DW_EH_PE encoding, on a 64-bit machine."""


def read_frame_bounds(elf: ElfFile) -> tuple[Int64s, Int64s]:
    """(start, end) virtual addresses of every function with an FDE, by address, without repeats.

    Empty where there is no search table. Entries that point outside the file are left out.
    """
    header = next((part for part in elf.segments if part.kind == PT_GNU_EH_FRAME), None)
    nothing = np.zeros(0, np.int64)
    if header is None or header.size < HEADER_SIZE:
        return nothing, nothing
    data = elf.file_range(header.offset, header.size)
    if data[0] != 1 or bytes(data[2:4]) != SEARCHABLE:
        return nothing, nothing
    count = min(int(data[8:12].view("<u4")[0]), (header.size - HEADER_SIZE) // 8)
    table = data[HEADER_SIZE : HEADER_SIZE + count * 8].view("<i4").reshape(-1, 2).astype(np.int64)
    start, first = np.unique(table[:, 0] + header.address, return_index=True)
    length = _lengths(elf, elf.to_offsets(table[first, 1] + header.address))
    usable = (length > 0) & (length < 1 << 62)
    start, end = start[usable], (start + length)[usable]
    end[:-1] = np.minimum(end[:-1], start[1:])
    return start, end


def _lengths(elf: ElfFile, fdes: Int64s) -> Int64s:
    """Address counts of the FDEs at these file offsets; 0 where one can't be read."""
    lengths = np.zeros(len(fdes), np.int64)
    readable = np.flatnonzero((fdes != NOWHERE) & (fdes + FDE_POINTERS_AT + 16 <= len(elf.data)))
    if not len(readable):
        return lengths
    fdes = fdes[readable]
    cies = fdes + 4 - gather(elf.data, fdes + 4, "<u4")
    distinct, cie_of = np.unique(cies, return_inverse=True)
    pointer_size = np.array([_pointer_size(elf.data, int(cie)) for cie in distinct], np.int64)[cie_of]
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


def _pointer_size(data: Bytes, offset: int) -> int:
    """Bytes of each address in the FDEs of the CIE at a file offset; 0 where it can't be read."""
    if not 0 <= offset < len(data):
        return 0
    cie = bytes(data[offset : offset + MAX_CIE_BYTES])
    version, augmentation = cie[8:9], cie[9:].split(b"\0", 1)[0]
    if cie[4:8] != b"\0\0\0\0" or version not in (b"\1", b"\3"):
        return 0
    if not augmentation.startswith(b"z"):
        return ENCODED_SIZE[0] if not augmentation else 0
    at = 9 + len(augmentation) + 1
    for _ in range(2 if version == b"\1" else 3):  # code and data alignment, version 3's register
        at = _after_leb128(cie, at)
    at = _after_leb128(cie, at + 1 if version == b"\1" else at)  # version 1's register; the data's length
    for letter in augmentation[1:].decode("ascii", "replace"):
        encoding = cie[at] if at < len(cie) else 0xFF
        size = ENCODED_SIZE.get(encoding & 0xF, 0)
        if letter == "R":
            return size
        if letter in "LP":
            at += 1 + (size if letter == "P" else 0)
    return ENCODED_SIZE[0]


def _after_leb128(data: bytes, at: int) -> int:
    while at < len(data) and data[at] & 0x80:
        at += 1
    return at + 1
