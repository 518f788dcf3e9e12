"""Names of functions that samply keeps in a file beside its profile, which has addresses alone.

`samply record --unstable-presymbolicate` writes it; later versions put names into the profile itself. Format:
`PrecogSymbolInfo` in samply/src/shared/symbol_precog.rs of https://github.com/mstange/samply. Names alone are
taken: places in the source are those of each function's first address, whichever was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_UUID_DIGITS = 32


class SymbolInfo(msgspec.Struct):
    """`InternedSymbolInfo`."""

    symbol: int
    """Index into the table of strings."""


class LibrarySymbols(msgspec.Struct):
    """`PrecogLibrarySymbols`."""

    debug_id: str
    code_id: str
    symbol_table: list[SymbolInfo]
    known_addresses: list[tuple[int, int]]
    """Relative addresses, each with an index into `symbol_table`."""


class PrecogSymbolInfo(msgspec.Struct):
    """`PrecogSymbolInfo`."""

    string_table: list[str]
    data: list[LibrarySymbols]


class Symbols:
    """Functions' names by library and address."""

    def __init__(self, info: PrecogSymbolInfo) -> None:
        """Index them; `IndexError` where tables contradict each other."""
        self._names: dict[str, dict[int, str]] = {}
        for library in info.data:
            names = [info.string_table[_index(row.symbol)] for row in library.symbol_table]
            of_address = {address: names[_index(row)] for address, row in library.known_addresses}
            for key in filter(None, (library.code_id.lower(), _debug_key(library.debug_id))):
                self._names[key] = of_address

    def name(self, code_id: str | None, debug_id: str | None, address: int) -> str | None:
        """Return the function at a relative address of a library that is known by either of its ids."""
        for key in filter(None, ((code_id or "").lower(), _debug_key(debug_id or ""))):
            if key in self._names:
                return self._names[key].get(address)
        return None


def path_beside(profile: Path) -> Path:
    """Return where samply puts them: the last suffix alone is another, `a.json.gz` has `a.json.syms.json`."""
    return profile.with_suffix(".syms.json")


def beside(profile: Path) -> Symbols | None:
    """Read what stands beside a profile; None where nothing does. `UsageError` where it is damaged."""
    path = path_beside(profile)
    try:
        content = files.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise files.not_read(path, error) from error
    try:
        return Symbols(msgspec.json.decode(content, type=PrecogSymbolInfo))
    except (ValueError, IndexError, RecursionError) as error:
        hint = f"it stands beside {profile.name}, whose functions have no names without it"
        raise UsageError(f"{path}: no symbols of samply's: {error}", hint=hint) from error


def _debug_key(debug_id: str) -> str:
    """Return a debug id in one form: a UUID with or without hyphens, and an age that may be left out."""
    digits = debug_id.replace("-", "").lower()
    age = digits[_UUID_DIGITS:].lstrip("0")
    return f"{digits[:_UUID_DIGITS]}:{age}" if digits else ""


def _index(number: int) -> int:
    if number < 0:
        raise IndexError("an index below 0")
    return number
