"""Call chains of Firefox Profiler's tables: each stack is a frame and the stack that called it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiler.intake.firefox_schema import FrameTable, FuncTable, ResourceTable, SourceTable, StackTable
from profiler.trace.model import MOST_FRAMES, NONE
from profiler.trace.trace_builder import INNER_FRAMES, OUTER_FRAMES

if TYPE_CHECKING:
    from profiler.intake.firefox_schema import Lib, Profile, Thread
    from profiler.intake.samply_symbols import Symbols
    from profiler.trace.trace_builder import TraceBuilder

_NAMELESS = re.compile(r"0x[0-9a-fA-F]+")
_LAST_LINE = (1 << 31) - 1


class Chains:
    """A thread's call chains as the builder's frames."""

    def __init__(
        self, profile: Profile, thread: Thread, builder: TraceBuilder, symbols: Symbols | None
    ) -> None:
        shared = profile.shared
        self._symbols = symbols
        self._libs = profile.libs if thread.libs is None else thread.libs
        self._sources = shared.sources or SourceTable()
        self._builder = builder
        self._stacks = thread.stack_table or shared.stack_table or StackTable()
        self._frames = thread.frame_table or shared.frame_table or FrameTable()
        self._funcs = thread.func_table or shared.func_table or FuncTable()
        self._resources = thread.resource_table or shared.resource_table or ResourceTable()
        self._strings = thread.string_array or shared.string_array or []
        self._known: dict[int, int] = {}
        self._made: dict[int, int] = {}
        self._depths: dict[int, tuple[int, int]] = {}
        """Of stacks: how many frames, and the innermost stack of what is kept at the thread's start."""

    def of(self, stack: int) -> int:
        """Return a chain as the builder's stack; `IndexError` where tables contradict each other."""
        known = self._known.get(stack)
        if known is None:
            depth, outer = self._depth(_index(stack))
            if depth > MOST_FRAMES:
                known = self._builder.cut_stack(self._walk(stack, INNER_FRAMES), self._walk(outer))
            else:
                known = self._builder.stack(self._walk(stack))
            self._known[stack] = known
        return known

    def _walk(self, stack: int, most: int = MOST_FRAMES) -> list[int]:
        """Return frames from a stack to the thread's start, so many at the most."""
        walked: list[int] = []
        at: int | None = stack
        while at is not None and len(walked) < most:
            walked.append(self._frame(self._stacks.frame[at]))
            at = self._stacks.caller(at)
        return walked

    def _depth(self, stack: int) -> tuple[int, int]:
        """Return `_depths` of a stack: each stack is looked at once, however many are called through it."""
        way = []
        at: int | None = stack
        while at is not None and at not in self._depths:
            way.append(at)
            at = self._stacks.caller(at)
        depth, outer = (0, NONE) if at is None else self._depths[at]
        for at in reversed(way):
            depth += 1
            outer = at if depth <= OUTER_FRAMES else outer
            self._depths[at] = depth, outer
        return depth, outer

    def _frame(self, index: int) -> int:
        made = self._made.get(index)
        if made is None:
            made = self._made[index] = self._new_frame(index)
        return made

    def _new_frame(self, index: int) -> int:
        func = self._frames.func[_index(index)]
        address = self._frames.address[index] if index < len(self._frames.address) else -1
        depth = self._frames.inline_depth[index] if index < len(self._frames.inline_depth) else 0
        name: str | None = self._strings[_index(self._funcs.name[_index(func)])]
        library = self._library(index, func)
        if _NAMELESS.fullmatch(name or ""):
            name = self._name_beside(library, address)
        path = None if library is None else library.path or library.name or None
        frame = self._builder.frame(max(address, 0), name, path, level=depth)
        line = self._frames.line[index] if index < len(self._frames.line) else None
        file = self._file(func)
        if file is not None and line is not None and 0 < line <= _LAST_LINE:
            self._builder.place(frame, self._strings[_index(file)], line)
        return frame

    def _file(self, func: int) -> int | None:
        """Return the string that names a function's file."""
        source = self._funcs.source[func] if func < len(self._funcs.source) else None
        if source is not None and source >= 0:
            return self._sources.filename[source]
        return self._funcs.file_name[func] if func < len(self._funcs.file_name) else None

    def _name_beside(self, library: Lib | None, address: int) -> str | None:
        if self._symbols is None or library is None:
            return None
        return self._symbols.name(library.code_id, library.breakpad_id, address)

    def _library(self, frame: int, func: int) -> Lib | None:
        lib: int | None
        if self._frames.lib is not None:
            lib = self._frames.lib[frame]
        else:
            resource = self._funcs.resource[func] if func < len(self._funcs.resource) else -1
            lib = self._resources.lib[resource] if 0 <= resource < len(self._resources.lib) else None
        return None if lib is None or lib < 0 else self._libs[lib]


def _index(number: int) -> int:
    """Return a table's index as it is; `IndexError` for one that would count from the end."""
    if number < 0:
        raise IndexError("an index below 0")
    return number
