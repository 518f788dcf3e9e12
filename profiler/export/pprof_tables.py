"""The tables of a pprof profile: what samples point into, filled as samples are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.export import protobuf_wire as wire
from profiler.export.columns.chains import NO_CHAIN
from profiler.export.columns.code import Line
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from profiler.export.columns.code import CodeFrame, KnownCode

PAGE = 1 << 12
FIRST_ADDRESS = 1 << 24
"""Where the first library stands; 0 is nowhere."""
NO_FRAME = NONE
"""Stands for the frame of a sample without a chain."""


class Strings:
    """`string_table`."""

    def __init__(self) -> None:
        self._numbers = {"": 0}

    def number(self, text: str) -> int:
        """Return a text's index."""
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> Iterable[str]:
        """Return the texts in order."""
        return self._numbers


class Functions:
    """`Function`: what frames are called, and where that is in the source."""

    def __init__(self, strings: Strings) -> None:
        self._strings = strings
        self._ids: dict[tuple[str, str], int] = {}

    def id(self, line: Line) -> int:
        """Return a function's id, which counts from 1."""
        return self._ids.setdefault((line.function, line.file), len(self._ids) + 1)

    def messages(self) -> Iterator[bytes]:
        """Yield the encoded messages."""
        for (name, file), number in self._ids.items():
            text = self._strings.number(name)
            yield b"".join(
                (
                    wire.integer(1, number),
                    wire.integer(2, text),
                    wire.integer(3, text),
                    wire.integer(4, self._strings.number(file)),
                )
            )


@dataclass(slots=True)
class _Mapping:
    id: int
    lowest: int
    highest: int
    is_file: bool
    has_lines: bool = False
    has_inlined: bool = False


class Mappings:
    """`Mapping`: libraries, and code that is no file (the kernel)."""

    def __init__(self, code: KnownCode, strings: Strings) -> None:
        self._code = code
        self._strings = strings
        self._mappings: dict[str, _Mapping] = {}

    def add(self, frame: CodeFrame) -> int:
        """Return the id of a frame's mapping, which counts from 1; 0 where it is in none."""
        if not frame.library:
            return 0
        new = _Mapping(len(self._mappings) + 1, frame.address, frame.address, frame.is_file)
        mapping = self._mappings.setdefault(frame.library, new)
        mapping.lowest, mapping.highest = (
            min(mapping.lowest, frame.address),
            max(mapping.highest, frame.address),
        )
        mapping.has_lines |= frame.lines[-1].line > 0
        mapping.has_inlined |= len(frame.lines) > 1
        return mapping.id

    def starts(self) -> dict[int, int]:
        """Return what to add to the addresses of each mapping's frames."""
        starts, free = {0: 0}, FIRST_ADDRESS
        for mapping in self._mappings.values():
            starts[mapping.id] = free if mapping.is_file else 0
            if mapping.is_file:
                free += _page_after(mapping.highest)
        return starts

    def messages(self) -> Iterator[bytes]:
        """Yield the encoded messages."""
        starts = self.starts()
        for library, mapping in self._mappings.items():
            begin = starts[mapping.id] if mapping.is_file else mapping.lowest // PAGE * PAGE
            yield b"".join(
                (
                    wire.integer(1, mapping.id),
                    wire.integer(2, begin),
                    wire.integer(3, starts[mapping.id] + _page_after(mapping.highest)),
                    wire.integer(5, self._strings.number(library)),
                    wire.integer(6, self._strings.number(self._code.build_id(library))),
                    wire.integer(7, 1),
                    wire.integer(8, mapping.has_lines),
                    wire.integer(9, mapping.has_lines),
                    wire.integer(10, mapping.has_inlined),
                )
            )


def _page_after(address: int) -> int:
    return min((address // PAGE + 1) * PAGE, wire.MASK)


@dataclass(slots=True)
class Locations:
    """`Location`: the trace's frames that some sample has in its chain."""

    code: KnownCode
    functions: Functions
    mappings: Mappings
    _frames: dict[int, tuple[CodeFrame | None, int]] = field(default_factory=dict)

    def chain(self, stack: int) -> list[int]:
        """Return the ids of a stack's locations, the innermost first."""
        if stack == NONE:
            return [self._id(NO_FRAME)]
        return [self._id(frame) for frame in self.code.stack(stack)]

    def _id(self, frame: int) -> int:
        """Return a frame's id: its index and two, for what has no chain comes first."""
        if frame not in self._frames:
            known = None if frame == NO_FRAME else self.code.frame(frame)
            self._frames[frame] = known, 0 if known is None else self.mappings.add(known)
        return frame + 2

    def messages(self) -> Iterator[bytes]:
        """Yield the encoded messages."""
        starts = self.mappings.starts()
        for frame, (known, mapping) in self._frames.items():
            lines = (Line(NO_CHAIN[0], "", 0),) if known is None else known.lines
            address = 0 if known is None else starts[mapping] + known.address
            yield b"".join(
                (
                    wire.integer(1, frame + 2),
                    wire.integer(2, mapping),
                    wire.integer(3, address),
                    *(
                        wire.data(4, wire.integer(1, self.functions.id(line)) + wire.integer(2, line.line))
                        for line in lines
                    ),
                )
            )
