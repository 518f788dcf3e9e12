"""Source lines and inlined functions of addresses, from debug information (DWARF).

Sentry's `symbolic` reads the DWARF of a library once and makes a table of it (a SymCache) that answers from a
memory map; the table is kept in the user's cache folder, by build id. `perf script` asks addr2line instead,
once for each frame, which for a Debug build of ONNX Runtime takes many minutes.
"""

from __future__ import annotations

import contextlib
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import index_cache
from profiler.symbols.demangle import demangle
from profiler.symbols.elf import PT_LOAD, ElfFile, ElfFormatError

if TYPE_CHECKING:
    import numpy.typing as npt
    from symbolic.symcache import SymCache

DEBUG_FILES = Path("/usr/lib/debug/.build-id")
"""Where distributions install debug information apart from libraries, by build id (GDB manual, section
"Debugging Information in Separate Files")."""

LAST_LINE = (1 << 31) - 1
"""The largest line number that is believed; columns of traces hold 32 bits."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the source."""

    function: str
    """Demangled, without arguments; internal functions come without their namespace."""
    file: str
    """Normalised path as the compiler knew it: absolute, or relative where the build mapped it."""
    line: int
    """Counts from 1; 0 where code belongs to no line."""


@dataclass(frozen=True, slots=True)
class LineTable:
    """A library's debug information, ready to be asked."""

    path: str
    """The file that holds it."""
    table: SymCache
    base: int
    """The file's lowest virtual address, from which the table counts."""

    def locate(self, addresses: npt.NDArray[np.integer]) -> list[tuple[Location, ...]]:
        """Return for each virtual address where it stands in the source.

        The innermost inlined function comes first, the function that holds the code last; empty where the
        debug information says nothing. Equal addresses are looked up once. `ElfFormatError` when the table
        turns out to be damaged.
        """
        from symbolic.exceptions import SymbolicError  # noqa: PLC0415  (see `open_lines`)

        distinct, index = np.unique(np.asarray(addresses).astype(np.int64), return_inverse=True)
        try:
            places = [self._look_up(address) for address in distinct.tolist()]
        except SymbolicError as error:
            raise _unreadable(self.path, error) from error
        return [places[row] for row in index.reshape(-1).tolist()]

    def _look_up(self, address: int) -> tuple[Location, ...]:
        if address < self.base:  # NOWHERE too
            return ()
        levels = self.table.lookup(address - self.base)
        return tuple(
            Location(demangle(level.symbol), posixpath.normpath(level.full_path), min(level.line, LAST_LINE))
            for level in levels
            if level.full_path
        )


def open_lines(elf: ElfFile, *, cache_folder: Path | None = None) -> LineTable | None:
    """Read a library's debug information, or the table kept of it; None where there is none.

    It may stand in the library or in a file of its own under `DEBUG_FILES`. `ElfFormatError` when it can't
    be read.
    """
    holder = _holder(elf)
    if holder is None:
        return None
    # Importing these takes longer than reading a stripped library, which most are.
    from symbolic.debuginfo import Archive  # noqa: PLC0415  as said
    from symbolic.exceptions import SymbolicError  # noqa: PLC0415  as said
    from symbolic.symcache import SYMCACHE_LATEST_VERSION  # noqa: PLC0415  as said

    folder = cache_folder or index_cache.default_folder()
    entry = index_cache.entry(folder, holder, "symcache", SYMCACHE_LATEST_VERSION)
    table = None if entry is None else _kept(entry)
    try:
        table = table or next(Archive.open(holder.path).iter_objects()).make_symcache()
    except (SymbolicError, StopIteration) as error:
        raise _unreadable(holder.path, error) from error
    if entry is not None and not entry.exists():
        index_cache.keep(entry, table.dump_into)
    loads = [part.address for part in elf.segments if part.kind == PT_LOAD]
    return LineTable(holder.path, table, min(loads, default=0))


def _unreadable(path: str, error: Exception) -> ElfFormatError:
    return ElfFormatError(
        f"{path}: its debug information can't be read ({error})",
        hint="without it functions and instructions are shown, but no source lines",
    )


def _holder(elf: ElfFile) -> ElfFile | None:
    """Return the file that holds the debug information of a library."""
    if elf.symbol_level == "dwarf":
        return elf
    if elf.build_id is None:
        return None
    try:
        apart = ElfFile.open(DEBUG_FILES / elf.build_id[:2] / f"{elf.build_id[2:]}.debug")
    except ElfFormatError:
        return None
    return apart if apart.symbol_level == "dwarf" else None


def _kept(entry: Path) -> SymCache | None:
    """Open a kept table; None when it is missing or damaged, and then it is made anew."""
    if not entry.is_file():
        return None
    from symbolic.exceptions import SymbolicError  # noqa: PLC0415  (see `open_lines`)
    from symbolic.symcache import SymCache  # noqa: PLC0415  (see `open_lines`)

    index_cache.touch(entry)
    try:
        return SymCache.open(str(entry))
    except SymbolicError:
        with contextlib.suppress(OSError):
            entry.unlink()
        return None
