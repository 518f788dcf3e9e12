"""Everything about one library or executable that attribution asks for, found once for each build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import index_cache
from profiler.symbols.elf import NOWHERE, ElfFile
from profiler.symbols.functions import FunctionTable, read_functions, read_names
from profiler.symbols.image import Image
from profiler.symbols.plt import read_stubs
from profiler.symbols.polling import Polling, Regions, find_polling
from profiler.symbols.spin import SpinInstructions, find_spin_instructions
from profiler.symbols.verdict_cache import VerdictCache

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.arrays import Column
    from profiler.symbols.elf import SymbolLevel
    from profiler.symbols.plt import Stubs


COLUMNS: dict[str, str] = {
    "functions.start": "i8",
    "functions.end": "i8",
    "functions.name_offset": "i8",
    "spins.address": "i8",
    "spins.function": "i4",
    "polling.wrappers": "i4",
    "polling.helpers": "i4",
    "polling.functions": "i4",
    "polling.dispatches": "?",
    "polling.sites": "i8",
    "regions.start": "i8",
    "regions.end": "i8",
    "regions.place": "u1",
    "regions.loop": "i8",
}
"""The cache file: column -> type. The columns of a table have the same length, but for `polling`'s."""
FUNCTION_INDICES = ("spins.function", "polling.wrappers", "polling.helpers", "polling.functions")


@dataclass(frozen=True, slots=True)
class LibraryIndex:
    """One file: its headers, functions and PLT stubs; its spin instructions and polling loops."""

    image: Image
    spins: SpinInstructions
    polling: Polling
    verdicts: VerdictCache
    """On functions that `polling` does not know, and where samples fell."""

    @property
    def elf(self) -> ElfFile:
        """The file."""
        return self.image.elf

    @property
    def functions(self) -> FunctionTable:
        """Its functions."""
        return self.image.functions

    @property
    def build_id(self) -> str | None:
        """The GNU build id in hexadecimal, None when there is none."""
        return self.elf.build_id

    @property
    def symbol_level(self) -> SymbolLevel:
        """What names the file itself can give: "none", "symtab" or "dwarf"."""
        return self.elf.symbol_level


def open_library(path: str | Path, *, cache_folder: Path | None = None) -> LibraryIndex:
    """Index a file, or load its index from `cache_folder` (default: the user's cache folder).

    `ElfFormatError` when the file can't be read or is damaged. A file for a machine other than x86-64 and
    aarch64 has functions, but no spin instructions.
    """
    elf = ElfFile.open(path)
    stubs = read_stubs(elf)
    folder = cache_folder or index_cache.default_folder()
    entry, verdicts = index_cache.entry(folder, elf), index_cache.entry(folder, elf, "verdicts")
    columns = index_cache.load(entry, COLUMNS) if entry is not None else None
    if columns is not None and _consistent(columns):
        return _from_columns(elf, stubs, columns, verdicts)
    image = Image(elf, read_functions(elf), stubs)
    spins = find_spin_instructions(image)
    polling = find_polling(image, spins)
    index = LibraryIndex(image, spins, polling, VerdictCache(verdicts, image.functions))
    if entry is not None:
        index_cache.save(entry, _to_columns(index))
    return index


def _to_columns(index: LibraryIndex) -> dict[str, Column]:
    tables = {
        "functions": index.functions,
        "spins": index.spins,
        "polling": index.polling,
        "regions": index.polling.regions,
    }
    return {name: getattr(tables[name.split(".")[0]], name.split(".")[1]) for name in COLUMNS}


def _from_columns(
    elf: ElfFile, stubs: Stubs, columns: Mapping[str, Column], verdicts: Path | None
) -> LibraryIndex:
    def part(table: str) -> dict[str, Column]:
        return {name.split(".")[1]: column for name, column in columns.items() if name.startswith(table)}

    functions = FunctionTable(**part("functions."), names=read_names(elf))
    polling = Polling(**part("polling."), regions=Regions(**part("regions.")))
    spins = SpinInstructions(**part("spins."))
    return LibraryIndex(Image(elf, functions, stubs), spins, polling, VerdictCache(verdicts, functions))


def _consistent(columns: Mapping[str, Column]) -> bool:
    """Whether a cache file could have been written by `_to_columns`: what indexing relies on."""
    for table in ("functions", "spins", "regions"):
        if len({len(column) for name, column in columns.items() if name.startswith(f"{table}.")}) != 1:
            return False
    count = len(columns["functions.start"])
    inside = all(
        np.all((columns[name] >= NOWHERE) & (columns[name] < count)) for name in FUNCTION_INDICES
    ) and len(columns["polling.functions"]) == len(columns["polling.dispatches"])
    return inside and all(
        bool(np.all(np.diff(columns[name]) >= 0)) for name in ("functions.start", "regions.start")
    )
