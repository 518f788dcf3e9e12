"""A hot function's code as it is shown and kept (instructions.json): source lines, instructions, shares."""

from __future__ import annotations

import msgspec

from profiler.run.ranges import Address, LineNumber, Share


class InstructionLine(msgspec.Struct, frozen=True):
    """One instruction."""

    address: Address
    """Virtual address."""
    text: str
    share: Share
    """Of the function's own CPU time."""
    spins: bool
    """A pause of a polling loop."""
    gap: bool
    """Instructions were left out before it."""
    loop: bool = False
    """It stands in the innermost loop around the hottest instruction."""
    waits: bool = False
    """It enters a futex call, or calls what does."""
    calls: str = ""
    """What it calls, by name; empty where that is not known."""
    source: LineNumber = 0
    """The line of the function's own source that it was made from; 0 where that is not known."""


class SourceLine(msgspec.Struct, frozen=True):
    """One line of a function's own source."""

    number: LineNumber
    share: Share
    """Of the function's own CPU time; functions that were inlined there included."""
    gap: bool
    """Lines were left out before it."""
    loop: bool = False
    """Code of it stands in the innermost loop around the hottest instruction."""
    total: Share = 0.0
    """Of all CPU time that was spent in the function and in what it called."""
    text: str | None = None
    """None where the source is not there."""


class Inlined(msgspec.Struct, frozen=True):
    """A function that the compiler inlined, as the innermost one where samples fell."""

    function: str
    file: str
    line: LineNumber
    """Its hottest."""
    share: Share
    """Of the CPU time of the function that holds it."""


class Listing(msgspec.Struct, frozen=True):
    """A function's code, as much of it as was chosen, in order."""

    function: str
    library: str
    lines: list[InstructionLine] = []
    """Instructions."""
    why: str = ""
    """Why there are no instructions."""
    file: str = ""
    """The source file that most of its own time belongs to; empty without debug information."""
    source: list[SourceLine] = []
    inlined: list[Inlined] = []
    source_why: str = ""
    """Why the source lines have no text."""

    @property
    def has_text(self) -> bool:
        """Whether it holds the text of source lines."""
        return any(line.text is not None for line in self.source)

    def without_text(self, why: str) -> Listing:
        """Return it without the text of source lines."""
        hot = (line for line in self.source if line.share or line.total)
        source = [msgspec.structs.replace(line, text=None) for line in hot]
        return msgspec.structs.replace(self, source=source, source_why=why if self.source else "")
