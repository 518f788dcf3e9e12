"""Sections of CPU time: how perf sampled, time by kind, the hottest functions."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import Category, Evidence, Kind
from profiler.run.manifest import PerfSettings
from profiler.run.ranges import Count, LineNumber, Milliseconds, Share, require_each


class PerfFigures(PerfSettings, frozen=True, kw_only=True):
    """`perf`: how perf sampled, and what came of it."""

    samples: Count
    lost: Count
    cut_chains: Count = 0
    """Samples whose call chain was cut short. (Earlier versions did not count them.)"""


class ShareInterval(msgspec.Struct, frozen=True):
    """Where a share lies, in 95 of 100 cases."""

    low: Share
    high: Share


class CpuFigures(msgspec.Struct, frozen=True):
    """`cpu`: CPU time of the profile phase, scaled to what the kernel counted."""

    total_ms: Milliseconds
    by_category: dict[Category, Milliseconds]
    by_kind: dict[Kind, Milliseconds]
    evidence: dict[Evidence, Share]
    """Share of `total_ms` that rests on each."""
    intervals: dict[Kind, ShareInterval] = {}
    """Of a light recording: of each kind's share, by the number of samples (Wilson's). Else empty."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_category", self.by_category, Category)
        require_each("by_kind", self.by_kind, Kind)

    def share(self, part: Kind | Category) -> float:
        """Return the share of a kind or a category; 0 where there was no CPU time."""
        spent = self.by_kind.get(part, 0.0) if isinstance(part, Kind) else self.by_category.get(part, 0.0)
        return spent / self.total_ms if self.total_ms else 0.0


class HotFunctionFigures(msgspec.Struct, frozen=True):
    """A row of `hot`: functions by their own share of all CPU time."""

    symbol: str
    library: str
    kind: Kind
    category: Category
    self_share: Share
    total_share: Share
    evidence: Evidence
    file: str | None = None
    """None without debug information, as `line`."""
    line: LineNumber | None = None
