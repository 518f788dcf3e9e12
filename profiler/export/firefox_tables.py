"""`RawProfileSharedData`: the tables that threads of a Firefox Profiler profile share.

Source: src/types/profile.ts of https://github.com/firefox-devtools/profiler. A stack is a node with a prefix;
its frame is one of the trace's (or a function inlined there) with a category: code that ran for two kinds is
two frames.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from profiler.export.columns.chains import NO_CHAIN
from profiler.export.columns.code import CodeFrame, Line
from profiler.export.json_stream import write_array
from profiler.symbols.elf import NOWHERE
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import SupportsWrite

    from profiler.export.columns.code import KnownCode

LIBRARY = 1
"""`ResourceTypeEnum`."""
BREAKPAD_BYTES = 16


class Lib(msgspec.Struct, rename="camel"):
    """`Lib`."""

    name: str
    path: str
    debug_name: str
    debug_path: str
    breakpad_id: str
    code_id: str | None
    arch: str = ""


class Table:
    """Distinct rows; a row's index is its number."""

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self._rows: dict[tuple[Any, ...], int] = {}

    def number(self, *row: Any) -> int:
        """Return a row's number."""
        return self._rows.setdefault(row, len(self._rows))

    def columns(self) -> dict[str, list[Any]]:
        """Return the columns by name."""
        rows = list(self._rows)
        return {name: [row[column] for row in rows] for column, name in enumerate(self._columns)}

    def __len__(self) -> int:
        return len(self._rows)


class SharedTables:
    """Filled by `stack` and `string`, then written."""

    def __init__(self, code: KnownCode) -> None:
        self._code = code
        self._frames_of: dict[int, CodeFrame] = {}
        self._strings = Table("string")
        self._libs = Table("library", "short")
        self._resources = Table("lib", "name")
        self._sources = Table("filename")
        self._functions = Table("name", "resource", "source")
        self._symbols = Table("libIndex", "address", "name", "functionSize")
        self._frames = Table(
            "address", "inlineDepth", "category", "subcategory", "func", "nativeSymbol", "line"
        )
        self._nodes = Table("prefix", "frame")

    def string(self, text: str) -> int:
        """Return a text's index in `stringArray`."""
        return self._strings.number(text)

    def stack(self, stack: int, category: int, subcategory: int) -> int:
        """Return the node of a chain of the trace, or of none."""
        node: int | None = None
        for frame in [NONE] if stack == NONE else reversed(self._code.stack(stack)):
            for row in self._rows_of(frame, category, subcategory):
                node = self._nodes.number(node, row)
        return NONE if node is None else node

    def _rows_of(self, frame: int, category: int, subcategory: int) -> Iterator[int]:
        """Yield the rows in `frameTable` of one of the trace's frames, inlined functions last."""
        known = self._frames_of.get(frame)
        if known is None:
            known = self._code.frame(frame) if frame != NONE else _nothing()
            self._frames_of[frame] = known
        lib = self._libs.number(known.library, known.short) if known.library else None
        resource = NONE if lib is None else self._resources.number(lib, self.string(known.short))
        symbol = None
        if lib is not None and known.function_start != NOWHERE:
            name = self.string(known.lines[-1].function)
            symbol = self._symbols.number(lib, known.function_start, name, known.function_size or None)
        address = NONE if known.virtual == NOWHERE else known.virtual
        for depth, line in enumerate(reversed(known.lines)):
            source = self._sources.number(self.string(line.file)) if line.file else None
            function = self._functions.number(self.string(line.function), resource, source)
            yield self._frames.number(
                address, depth, category, subcategory, function, symbol, line.line or None
            )

    def libs(self) -> Iterator[Lib]:
        """Yield the profile's `libs`."""
        columns = self._libs.columns()
        for path, short in zip(columns["library"], columns["short"], strict=True):
            build_id = self._code.build_id(path)
            yield Lib(short, path, short, path, breakpad_id(build_id), build_id or None)

    def write(self, out: SupportsWrite[bytes]) -> None:
        """Write the object."""
        out.write(b'{"stringArray":')
        write_array(out, map(msgspec.json.encode, self._strings.columns()["string"]))
        sources = {"id": None, "startLine": 1, "startColumn": 1, "sourceMapURL": None}
        functions = {"isJS": False, "relevantForJS": False, "lineNumber": None, "columnNumber": None}
        for name, table, same in (
            ("sources", self._sources, sources),
            ("resourceTable", self._resources, {"host": None, "type": LIBRARY}),
            ("nativeSymbols", self._symbols, {}),
            ("funcTable", self._functions, functions),
            ("frameTable", self._frames, {"innerWindowID": None, "column": None}),
            ("stackTable", self._nodes, {}),
        ):
            columns: dict[str, Any] = {"length": len(table), **table.columns()}
            columns |= {column: [value] * len(table) for column, value in same.items()}
            out.write(b',"%s":%s' % (name.encode(), msgspec.json.encode(columns)))
        out.write(b"}")


def breakpad_id(build_id: str) -> str:
    """Return a build id (hexadecimal) as Breakpad writes it: a GUID of its first 16 bytes, and an age of 0.

    Source: https://chromium.googlesource.com/breakpad/breakpad, src/common/linux/file_id.cc.
    """
    if not build_id:
        return ""
    first = bytes.fromhex(build_id)[:BREAKPAD_BYTES].ljust(BREAKPAD_BYTES, b"\0")
    return f"{uuid.UUID(bytes_le=first).hex.upper()}0"


def _nothing() -> CodeFrame:
    """Return the frame of a sample without a chain."""
    return CodeFrame(
        "",
        "",
        is_file=False,
        address=0,
        virtual=NOWHERE,
        function_start=NOWHERE,
        function_size=0,
        lines=(Line(NO_CHAIN[0], "", 0),),
    )
