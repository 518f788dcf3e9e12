"""Verdicts on the functions of a library that were looked at because samples fell there, kept between runs.

They stand beside the library's index (`profiler.symbols.index_cache`): each is the same whenever it is asked
for, takes milliseconds, and the next recording of the library asks for most of them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.symbols import index_cache
from profiler.symbols.polling import LoopPlace, PollingVerdict

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.symbols.functions import FunctionTable

LARGEST = 16 << 20
"""Bytes of a file that is read."""


class VerdictCache:
    """Verdicts by index of the function; those that are kept are read when the first one is asked for."""

    def __init__(self, path: Path | None, functions: FunctionTable) -> None:
        """`path`: where they are kept; None for a file that nothing is kept of."""
        self._path = path
        self._functions = functions
        self._verdicts: dict[int, PollingVerdict] | None = None
        self._grown = False

    def of(self, index: int, judge: Callable[[int], PollingVerdict]) -> PollingVerdict:
        """Return the verdict on a function, from `judge` where there is none yet."""
        if self._verdicts is None:
            self._verdicts = self._read()
        if index not in self._verdicts:
            self._verdicts[index] = judge(index)
            self._grown = True
        return self._verdicts[index]

    def keep(self) -> None:
        """Write them, where some are new."""
        if self._path is not None and self._verdicts is not None and self._grown:
            content = msgspec.msgpack.encode(self._verdicts)
            index_cache.keep(self._path, lambda file: file.write(content))
            self._grown = False

    def _read(self) -> dict[int, PollingVerdict]:
        """Return what is kept; nothing where that is not what `keep` wrote of these functions."""
        if self._path is None:
            return {}
        try:
            content = files.read(self._path, LARGEST)
            kept = msgspec.msgpack.decode(content, type=dict[int, PollingVerdict])
        except (OSError, msgspec.DecodeError):
            return {}
        index_cache.touch(self._path)
        return kept if all(self._fits(index, verdict) for index, verdict in kept.items()) else {}

    def _fits(self, index: int, verdict: PollingVerdict) -> bool:
        if not 0 <= index < len(self._functions.start):
            return False
        first, behind = int(self._functions.start[index]), int(self._functions.end[index])
        return all(
            first <= start < end <= behind and 0 <= place < len(LoopPlace) and loop < behind
            for start, end, place, loop in verdict.regions
        )
