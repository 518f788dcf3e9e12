"""What decoding a recording found out; kept with the trace that came of it."""

from __future__ import annotations

import msgspec

from profiler.run.doubt import Doubt
from profiler.run.ranges import BuildId, Count, Points


class CrossCheck(msgspec.Struct, frozen=True):
    """Our self shares held against `perf report --no-children --no-inline` of the same recording."""

    symbols: Count
    largest_deviation_points: Points
    """Percentage points."""
    symbol: str
    library: str


class Decoding(msgspec.Struct, frozen=True):
    """How perf.data became trace.npz."""

    commands: dict[str, list[str]] = {}
    """Command lines by tool, so that a reader can repeat them."""
    unavailable: list[Doubt] = []
    cross_check: CrossCheck | None = None
    build_ids: dict[str, BuildId] = {}
    """Of the libraries that were read: path to build id. (Earlier versions did not note them.)"""
    rule: Count = 0
    """Version of the rule by which their polling loops were found (`profiler.symbols.index_cache`). (Earlier
    versions did not note it.)"""
