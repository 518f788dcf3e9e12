"""Two typical requests as lanes over one axis: geometry in percent, from the scheduled instant on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.vocabulary import WAIT_PATTERNS
from profiler.pages.chart.axis import AxisTick, ticks
from profiler.pages.chart.bars import BarPart
from profiler.pages.compare.typical import median_request, typical_request
from profiler.run.kinds import Kind, Wait

if TYPE_CHECKING:
    from profiler.pages.compare.typical import Span
    from profiler.study.compare.sides import Pair, Side

AFTER = 1.6
"""How long the axis is, in latencies of the slower request: room for what the pool does next."""
MOST_SEGMENTS = 1_500
"""In a lane; the shortest stretches of a longer one are left out."""
PATTERNS = {wait.value: pattern for wait, pattern in WAIT_PATTERNS.items() if wait is not Wait.SLEEP}
"""What waits are drawn in. Sleep is left white: between requests, the calling thread has nothing to do."""


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One thread."""

    label: str
    segments: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Typical:
    """One side's request."""

    label: str
    latency: str
    start: float
    """Where it started and ended, in percent of the axis."""
    end: float
    lanes: tuple[LaneRow, ...]


@dataclass(frozen=True, slots=True)
class Typicals:
    """Both, over one axis."""

    sides: tuple[Typical, ...]
    ticks: tuple[AxisTick, ...]
    """Milliseconds since the scheduled instant."""

    @property
    def legend(self) -> list[tuple[str, str]]:
        """What is drawn, as (what, pattern)."""
        used = {segment.pattern for side in self.sides for lane in side.lanes for segment in lane.segments}
        kinds = [(kind.value, kind.value) for kind in Kind]
        waits = [(f"waits: {wait}", pattern) for wait, pattern in PATTERNS.items()]
        return [(what, pattern) for what, pattern in (*kinds, *waits) if pattern in used]


def typical_requests(pair: Pair) -> Typicals | None:
    """Return both sides' typical requests; None unless both have a profile and a request in it."""
    requests = [median_request(side.analysis.requests) for side in pair.sides]
    latencies = [request.latency_ns / 1e6 for request in requests if request is not None]
    if len(latencies) < len(requests):
        return None
    axis = ticks(AFTER * max(latencies), 8)
    sides = [_side(side, axis[-1]) for side in pair.sides]
    known = tuple(side for side in sides if side is not None)
    if len(known) < len(sides):
        return None
    return Typicals(known, tuple(AxisTick(100 * at / axis[-1], f"{at:g}") for at in axis))


def _side(side: Side, until_ms: float) -> Typical | None:
    request = typical_request(side.analysis, until_ms)
    if request is None:
        return None
    return Typical(
        side.label,
        formats.ms(request.latency_ms),
        100 * request.late_ms / until_ms,
        100 * request.latency_ms / until_ms,
        tuple(LaneRow(lane.label, tuple(_segments(lane.spans, until_ms))) for lane in request.lanes),
    )


def _segments(spans: tuple[Span, ...], until_ms: float) -> list[BarPart]:
    joined: list[tuple[float, float, str]] = []
    for span in spans:
        if span.what == Wait.SLEEP.value:
            continue
        if joined and joined[-1][2] == span.what and joined[-1][1] == span.begin_ms:
            joined[-1] = (joined[-1][0], span.end_ms, span.what)
        else:
            joined.append((span.begin_ms, span.end_ms, span.what))
    if len(joined) > MOST_SEGMENTS:
        least = sorted(end - begin for begin, end, _ in joined)[-MOST_SEGMENTS]
        joined = [stretch for stretch in joined if stretch[1] - stretch[0] >= least]
    return [
        BarPart(
            PATTERNS.get(what, what),
            100 * begin / until_ms,
            100 * (end - begin) / until_ms,
            f"{what} {formats.ms(end - begin)}",
        )
        for begin, end, what in joined
    ]
