"""The frames of a trace with their places in the code, for formats that know addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.rules.frames import STACK_END
from profiler.export.columns.names import clean
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.analysis import Profile


@dataclass(frozen=True, slots=True)
class Line:
    """A function at a place of the code; several where some were inlined there."""

    function: str
    file: str
    """Empty without debug information, as `line` is 0."""
    line: int


@dataclass(frozen=True, slots=True)
class CodeFrame:
    """One frame of the trace."""

    library: str
    """Its path, or what perf calls code that is no file; empty where perf knew nothing."""
    short: str
    """The library as the report shows it."""
    is_file: bool
    address: int
    """As perf printed it: the offset in a file, else a virtual address. 0 where there is none."""
    virtual: int
    """The address in the file's own address space; NOWHERE where that was not read, and for what is none."""
    function_start: int
    """Likewise of the function."""
    function_size: int
    """Bytes; 0 where it is not known."""
    lines: tuple[Line, ...]
    """The innermost inlined function first, the one that holds the code last."""


@dataclass(frozen=True, slots=True)
class KnownCode:
    """What is known of a trace's frames."""

    profile: Profile

    def frame(self, index: int) -> CodeFrame:
        """Return one of the trace's frames."""
        trace, facts = self.profile.trace, self.profile.facts
        dso, address = int(trace.frames.dso[index]), int(trace.frames.address[index])
        library = "" if dso == NONE else trace.strings[dso]
        name, short = self.profile.frame_names[index]
        levels = trace.levels(index)
        inlined = [Line(clean(level.function), clean(level.file), level.line) for level in levels[:-1]]
        own = Line(clean(name), clean(levels[-1].file) if levels else "", levels[-1].line if levels else 0)
        return CodeFrame(
            library=clean(library),
            short=clean(short),
            is_file=library.startswith("/"),
            address=0 if not library and address == STACK_END else address,
            virtual=int(facts.address[index]),
            function_start=int(facts.function_start[index]),
            function_size=int(facts.function_size[index]),
            lines=(*inlined, own),
        )

    def stack(self, index: int) -> list[int]:
        """Return the frames of one of the trace's stacks, the innermost first."""
        stacks = self.profile.trace.stacks
        frames: list[int] = stacks.frames[stacks.offsets[index] : stacks.offsets[index + 1]].tolist()
        return frames

    def build_id(self, library: str) -> str:
        """Return a library's build id; empty where it was not noted."""
        return self.profile.build_ids.get(library, "")
