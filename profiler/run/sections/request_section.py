"""Sections of requests: where their wall time goes, and what their length takes."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import Meanwhile, Part
from profiler.run.ranges import Count, Milliseconds, Number, Share, SignedMilliseconds, require_each
from profiler.run.sections.load_section import LatencyFigures


class RequestSplit(msgspec.Struct, frozen=True):
    """Where one request's wall time went."""

    wall_ms: Milliseconds
    by_kind: dict[Part, Milliseconds]
    meanwhile: dict[Meanwhile, Milliseconds]
    """What the workers did during `spin-join` and `blocked`."""
    runnable_own_ms: Milliseconds
    """Of the part `runnable`, while another thread of the process had the CPU that the caller got next."""
    samples: Count
    """On which the split of its time on the CPU rests; the rest is exact."""
    explained: bool

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_kind", self.by_kind, Part)
        require_each("meanwhile", self.meanwhile, Meanwhile)


class RequestFigures(msgspec.Struct, frozen=True):
    """`request`: the anatomy of requests in the profile phase; mean milliseconds."""

    requests: Count
    unexplained: Count
    """How many requests miss more than `tolerance` of their wall time."""
    tolerance: Share
    wall_ms: LatencyFigures
    by_kind: dict[Part, Milliseconds]
    """Sums to the mean latency."""
    meanwhile: dict[Meanwhile, Milliseconds]
    runnable_own_ms: Milliseconds
    meanwhile_traced: bool
    """Wake-ups were recorded; without, nobody is `waking`."""
    samples: Count
    p50: RequestSplit | None
    """One request: that percentile by nearest rank; None where requests are too few. Likewise `p95`."""
    p95: RequestSplit | None
    slowest: RequestSplit

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a kind."""
        require_each("by_kind", self.by_kind, Part)
        require_each("meanwhile", self.meanwhile, Meanwhile)


class LengthFigures(msgspec.Struct, frozen=True):
    """`lengths`: of what the slowest 5 % of requests took longer than the mean one, in the measure phase."""

    requests: Count
    slowest: Count
    mean_length: Number
    """Elements of the largest input, but for the batch: tokens, for a text."""
    slowest_length: Number
    ms_per_element: SignedMilliseconds
    """By least squares, from a request's start to its end."""
    longer_ms: SignedMilliseconds
    """The other three add up to it."""
    waiting_ms: SignedMilliseconds
    """What they started later than the mean request."""
    length_ms: SignedMilliseconds
    """What they were longer, at `ms_per_element`."""
    rest_ms: SignedMilliseconds
    """Neither's: whatever else ran, threads that had to be woken."""
