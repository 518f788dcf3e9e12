"""What perf printed, read whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.trace.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from profiler.trace.model import Trace


def parse(pieces: Iterable[bytes], pids: Collection[int] = ()) -> Trace:
    """Read pieces, cut anywhere; `pids` and errors are `Parser`'s."""
    parser = Parser(pids)
    for piece in pieces:
        parser.feed(piece)
    return parser.end()
