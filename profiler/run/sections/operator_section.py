"""Sections of ONNX Runtime's own profile: operators, and how samples fell into them."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import Kind, Outside, Wait
from profiler.run.ranges import Count, Milliseconds, Number, Share, require_each
from profiler.run.sections.load_section import LoadFigures


class OperatorFigures(msgspec.Struct, frozen=True, kw_only=True):
    """An operator type, or one node; milliseconds are sums over the phase."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    """Of a node; unset for a type."""
    type: str
    nodes: Count
    calls: Count
    wall_ms: Milliseconds
    """Without those of subgraphs."""
    cpu_ms: Milliseconds
    """Of all of the session's threads meanwhile, as `by_kind`."""
    by_kind: dict[Kind, Milliseconds]
    off_ms: dict[Wait, Milliseconds]
    """Of the thread that ran them."""
    wait_ms: Milliseconds
    """What it waited for workers by ONNX Runtime's own account."""


class JoinCheck(msgspec.Struct, frozen=True):
    """What threads that ran operators waited for workers, by our account and by ONNX Runtime's."""

    polled_ms: Milliseconds
    blocked_ms: Milliseconds
    ort_ms: Milliseconds


class OperatorsFigures(msgspec.Struct, frozen=True):
    """`operators`: the phase in which ONNX Runtime's own profiler was on."""

    phase: LoadFigures
    cpu_ratio: Number | None
    """Its CPU time a request over that of the phase under perf; likewise `latency_ratio`, of medians."""
    latency_ratio: Number | None
    covered: Count
    """How many requests ONNX Runtime's profile holds."""
    clock: str
    concurrent: bool
    """Operators ran side by side, so that what helping threads did is `between`."""
    coverage: Share | None
    """Share of the computing in requests that fell into operators' windows."""
    total_ms: Milliseconds
    """CPU time of the phase, which `by_type` and `outside` sum to."""
    by_type: list[OperatorFigures]
    by_node: list[OperatorFigures]
    """The heaviest of each type."""
    outside: dict[Outside, dict[Kind, Milliseconds]]
    join_check: JoinCheck | None
    """None without a pool."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a table that lacks a place."""
        require_each("outside", self.outside, Outside)
