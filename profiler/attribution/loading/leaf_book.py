"""Places of code as the rules see them, looked up as they come and then known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from profiler.attribution.loading.leaf_decode import with_names
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import make_frames
from profiler.symbols.library import open_library
from profiler.trace.trace_builder import TraceBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from profiler.attribution.rules.chains import Frame

MOST_PLACES = 100_000
"""Known at once; beyond, all are forgotten: code is finite, code that is made as it runs is not."""
MOST_LIBRARIES = 128


class LeafBook:
    """What the libraries below one root say of addresses in them."""

    def __init__(self, root: Path, runtimes: Collection[str]) -> None:
        """Begin empty; `runtimes` hold ONNX Runtime under other names."""
        self._root = root
        self._runtimes = runtimes
        self._frames: dict[tuple[str, int, str], Frame] = {}
        self._open = lru_cache(MOST_LIBRARIES)(open_library)

    def frames(self, places: Iterable[tuple[str, int, str]]) -> list[Frame]:
        """Return the frame of each place: its file, the offset in it, its function's name if known."""
        asked = list(places)
        if len(self._frames) > MOST_PLACES:
            self._frames.clear()
        new = list(dict.fromkeys(place for place in asked if place not in self._frames))
        if new:
            self._learn(new)
        return [self._frames[place] for place in asked]

    def _learn(self, places: list[tuple[str, int, str]]) -> None:
        builder = TraceBuilder()
        for file, offset, symbol in places:
            builder.frame(offset, symbol or None, file or None)
        trace = builder.trace()
        facts = describe_frames(trace, self._root, opened=self._open).facts
        trace = with_names(trace, self._root, self._open)
        self._frames.update(zip(places, make_frames(trace, facts, self._runtimes), strict=True))
