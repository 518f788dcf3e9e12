"""What perf prints of a recording, read: all by one perf, or time slices by several side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.program_output import pieces
from profiler.trace.joining import join
from profiler.trace.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from profiler.program_output import Printing
    from profiler.trace.model import Trace


def read_printed(printing: Sequence[Printing], pids: Collection[int], idle: Callable[[], object]) -> Trace:
    """Read, as they come, slices that follow each other, or the whole as one; end each that has no more.

    `pids` as for `Parser`. One alone of several prints losses, and switches. `idle` is called when one has
    ended. Errors are those of `Parser` and `stream_output`.
    """
    parsers = [Parser(pids) for _ in printing]
    for number, piece in pieces([each.output for each in printing]):
        if piece:
            parsers[number].feed(piece)
        else:
            printing[number].end()  # its perf may have failed
            idle()
    return join([parser.end() for parser in parsers])
