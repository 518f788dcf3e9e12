"""The few ELF headers that symbolization without symbols needs, read from a memory map.

Formats: System V gABI chapters 4 and 5 (https://www.sco.com/developers/gabi/latest/contents.html) and the
Linux Standard Base's note on build ids. Only 64-bit little-endian files: what x86-64 and aarch64 Linux use.
Every read is checked against the file's size, since a profile may name a damaged or a hostile file.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from profiler.errors import UsageError
from profiler.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    from profiler.arrays import Bytes, Int64s


Machine: TypeAlias = Literal["x86-64", "aarch64", "other"]
SymbolLevel: TypeAlias = Literal["none", "symtab", "dwarf"]

NOWHERE = -1
"""The address, offset or index that stands for "there is none"."""

MACHINES: dict[int, Machine] = {62: "x86-64", 183: "aarch64"}
FILE_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
SECTION_HEADER = struct.Struct("<IIQQQQIIQQ")
NOTE_HEADER = struct.Struct("<III")

PT_LOAD, PT_NOTE, PT_GNU_EH_FRAME = 1, 4, 0x6474E550
PF_X = 1
SHT_SYMTAB, SHT_RELA, SHT_NOBITS, SHT_DYNSYM = 2, 4, 8, 11
SHF_EXECINSTR = 4
NT_GNU_BUILD_ID = 3
CHUNK_BYTES = 1 << 19


class ElfFormatError(UsageError):
    """A file is not an ELF file that can be read: missing, another format, cut short, or damaged."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header: what the loader maps. Offset, address and size in bytes."""

    kind: int
    executable: bool
    offset: int
    address: int
    size: int
    """Bytes in the file (`p_filesz`)."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section header. Offset, address and size in bytes."""

    name: str
    kind: int
    executable: bool
    address: int
    offset: int
    size: int
    link: int
    entry_size: int


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Executable bytes that are contiguous both in the file and in memory."""

    address: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class ElfFile:
    """An ELF file: `data` maps the file, everything else is read from its headers."""

    path: str
    data: Bytes
    machine: Machine
    build_id: str | None
    """Hexadecimal, as `perf buildid-list` prints it; None when the linker wrote none."""
    segments: tuple[Segment, ...]
    sections: tuple[Section, ...]

    @classmethod
    def open(cls, path: str | Path) -> ElfFile:
        """Map a file and read its headers. `ElfFormatError` when it can't be read or is damaged."""
        data = _map(path)
        try:
            return _parse(str(path), data)
        except (struct.error, ValueError) as error:
            raise _error(str(path), f"damaged ELF headers ({error})") from error

    @property
    def symbol_level(self) -> SymbolLevel:
        """What names the file itself can give: source lines, function names, or exported names at most."""
        names = {section.name for section in self.sections}
        if names & {".debug_info", ".zdebug_info"}:
            return "dwarf"
        return "symtab" if ".symtab" in names else "none"

    @property
    def code(self) -> tuple[CodeRange, ...]:
        """Executable sections in order of address; executable segments when section headers are gone."""
        ranges = [
            CodeRange(part.address, part.offset, part.size)
            for part in self.sections
            if part.executable and part.kind != SHT_NOBITS and part.size
        ] or [
            CodeRange(part.address, part.offset, part.size)
            for part in self.segments
            if part.kind == PT_LOAD and part.executable and part.size
        ]
        return tuple(sorted(ranges, key=lambda part: part.address))

    def code_chunks(self, overlap: int) -> Iterator[tuple[int, Bytes]]:
        """(virtual address, bytes) of all code in pieces that fit a processor's cache.

        Each piece but the last also holds the first `overlap` bytes of the next one. Temporary arrays as
        large as a whole library would cost more in page faults than the scan itself.
        """
        for part in self.code:
            code = self.file_range(part.offset, part.size)
            for at in range(0, part.size, CHUNK_BYTES):
                yield part.address + at, code[at : at + CHUNK_BYTES + overlap]

    def section(self, name: str) -> Section | None:
        """Return the first section of that name."""
        return next((section for section in self.sections if section.name == name), None)

    def section_data(self, section: Section) -> Bytes:
        """Bytes of a section; `ElfFormatError` where it reaches past the end of the file."""
        return self.file_range(section.offset, section.size)

    def file_range(self, offset: int, size: int) -> Bytes:
        """Return `size` bytes at a file offset; `ElfFormatError` where they are not all there."""
        if size < 0 or not 0 <= offset <= len(self.data) - size:
            raise _error(self.path, f"{size} bytes at offset {offset:#x} are past the end of the file")
        return self.data[offset : offset + size]

    def memory_range(self, address: int, size: int) -> Bytes:
        """Return `size` bytes at a virtual address; `ElfFormatError` where the file holds none there."""
        for part in reversed(self._loads()):  # a tenth of what `to_offsets` takes for a single one
            if 0 <= address - part.address < part.size:
                return self.file_range(address - part.address + part.offset, size)
        raise _error(self.path, f"no bytes in the file for address {address:#x}")

    def to_addresses(self, offsets: npt.NDArray[np.integer]) -> Int64s:
        """File offsets -> virtual addresses (NOWHERE outside the loaded segments), element by element.

        `perf script` prints ip - start + pgoff of the mapping, a file offset. The linker is free to give
        a segment's address any distance from its offset: mold's and lld's text differ by pages.
        """
        return self._translate(offsets, [(part.offset, part.address) for part in self._loads()])

    def to_offsets(self, addresses: npt.NDArray[np.integer]) -> Int64s:
        """Virtual addresses -> file offsets (NOWHERE where the file holds no byte), element by element."""
        return self._translate(addresses, [(part.address, part.offset) for part in self._loads()])

    def _loads(self) -> list[Segment]:
        """Return the loaded segments, executable ones last: those win where file ranges overlap."""
        loads = [part for part in self.segments if part.kind == PT_LOAD]
        return sorted(loads, key=lambda part: part.executable)

    def _translate(self, values: npt.NDArray[np.integer], bases: list[tuple[int, int]]) -> Int64s:
        signed = np.asarray(values).astype(np.int64)  # kernel addresses turn negative: found nowhere
        result = np.full(signed.shape, NOWHERE, np.int64)
        for (source, target), part in zip(bases, self._loads(), strict=True):
            inside = (signed >= source) & (signed - source < part.size)
            result[inside] = signed[inside] - source + target
        return result


def _error(path: str, what: str) -> ElfFormatError:
    return ElfFormatError(
        f"{path}: {what}", hint="is it the library that was profiled, whole, and for x86-64 or aarch64 Linux?"
    )


def _map(path: str | Path) -> Bytes:
    try:
        with open_regular(path) as file:
            return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)
    except (OSError, ValueError) as error:  # ValueError: an empty file can't be mapped
        raise _error(str(path), f"cannot be read ({error})") from error


def _parse(path: str, data: Bytes) -> ElfFile:
    view = data.data
    if bytes(view[:4]) != b"\x7fELF":
        raise _error(path, "not an ELF file")
    if bytes(view[4:6]) != b"\x02\x01":
        raise _error(path, "not a 64-bit little-endian ELF file")
    header = FILE_HEADER.unpack_from(view)
    _, _, machine, _, _, segments_at, sections_at, *_ = header
    _, segment_size, segment_count, section_size, section_count, names_index = header[8:]
    segments = tuple(
        Segment(kind, bool(flags & PF_X), offset, address, size)
        for kind, flags, offset, address, _, size, _, _ in _table(
            view, PROGRAM_HEADER, segments_at, segment_count, segment_size
        )
    )
    for part in segments:
        if part.kind == PT_LOAD:
            _exactly(view, part.offset, part.size)
    raw = _table(view, SECTION_HEADER, sections_at, section_count, section_size)
    names = b""
    if names_index < len(raw):
        _, _, _, _, offset, size, *_ = raw[names_index]
        names = bytes(view[offset : offset + size])
    sections = tuple(
        Section(
            names[name : names.find(b"\0", name)].decode("ascii", "replace"),
            kind,
            bool(flags & SHF_EXECINSTR),
            address,
            offset,
            size,
            link,
            entry_size,
        )
        for name, kind, flags, address, offset, size, link, _, _, entry_size in raw
    )
    extents: list[Segment | Section] = [*segments, *sections]
    for extent in extents:
        if max(extent.offset, extent.address) + extent.size >= 1 << 63:
            raise ValueError(f"{extent.size} bytes at address {extent.address:#x} wrap around")
    return ElfFile(path, data, MACHINES.get(machine, "other"), _build_id(view, segments), segments, sections)


def _table(
    view: memoryview, layout: struct.Struct, offset: int, count: int, stride: int
) -> list[tuple[int, ...]]:
    if offset == 0 or count == 0:
        return []
    if stride != layout.size:
        raise ValueError(f"headers of {stride} bytes where {layout.size} were expected")
    return list(layout.iter_unpack(_exactly(view, offset, count * stride)))


def _exactly(view: memoryview, offset: int, size: int) -> memoryview:
    part = view[offset : offset + size]
    if len(part) != size:
        raise ValueError(f"{size} bytes at offset {offset:#x} are past the end of the file")
    return part


def _build_id(view: memoryview, segments: tuple[Segment, ...]) -> str | None:
    for part in segments:
        if part.kind != PT_NOTE:
            continue
        notes = _exactly(view, part.offset, part.size)
        at = 0
        while at + NOTE_HEADER.size <= len(notes):
            name_size, size, kind = NOTE_HEADER.unpack_from(notes, at)
            name_at = at + NOTE_HEADER.size
            content_at = name_at + (name_size + 3) // 4 * 4
            if kind == NT_GNU_BUILD_ID and bytes(notes[name_at : name_at + name_size]) == b"GNU\0":
                return bytes(_exactly(notes, content_at, size)).hex() or None
            at = content_at + (size + 3) // 4 * 4
    return None
