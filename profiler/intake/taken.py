"""What an intake module makes of a file: a trace, what its weights are, and what of the file is not in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from profiler.intake.perf_header import PerfHeader

if TYPE_CHECKING:
    from profiler.trace.model import Trace

_SHOWN = 120
"""How much of a line is quoted."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Records of one sort that did not become samples."""

    what: str
    """`lines that perf script does not print`."""
    count: int
    first: str
    """Where the first one is, and its text; empty where that says nothing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file's content."""

    trace: Trace
    """Its sample weights are what the file says: see `in_nanoseconds`. Thread ids are made up where the file
    has none."""
    format: str
    """`perf script text`."""
    in_nanoseconds: bool
    """Whether weights are CPU time; else they count what the events are named after."""
    timed: bool
    """Whether samples have instants; else all are at 0."""
    counted: bool = False
    """Whether a row stands for as many samples as its weight says, not for one."""
    samples: int | None = None
    """How many were taken, where the file says of how many each row is; None: see `counted`."""
    left_out: tuple[LeftOut, ...] = ()
    cut_samples: int = 0
    """How many have a call chain without its middle (`TraceBuilder.cut_samples`)."""
    build_ids: dict[str, str] = field(default_factory=dict)
    """Of libraries, by path, where the file has them."""
    virtual_addresses: bool = False
    """Whether frames' addresses are the libraries' virtual ones, not places in their files."""
    header: PerfHeader = field(default_factory=PerfHeader)
    """What perf noted of the machine; empty in other formats."""


class LeftOutCounts:
    """Counts what is left out, by sort, and keeps where it was first seen."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, what: str, line_number: int, text: bytes) -> None:
        """Count a line of a text."""
        shown = text[:_SHOWN].decode(errors="replace").strip()
        self.add_record(what, f"line {line_number}: {shown!r}")

    def add_record(self, what: str, first: str = "") -> None:
        """Count a record of a file without lines."""
        count, where = self._found.get(what, (0, first))
        self._found[what] = (count + 1, where)

    def all(self) -> tuple[LeftOut, ...]:
        """Return everything that was left out, in order of first sight."""
        return tuple(LeftOut(what, count, first) for what, (count, first) in self._found.items())
