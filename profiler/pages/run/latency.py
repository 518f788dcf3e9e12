"""Latency as charts: their geometry in percent and pixels, which the template draws as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.statistics import PERCENTILES, percentile, supported
from profiler.findings import formats
from profiler.findings.thresholds import LATE_MS
from profiler.pages.chart.axis import AxisTick, ticks, whole_ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.run.request import Request

HEIGHT = 150.0
"""Pixels of a chart's plot."""
FEWEST_TO_BIN = 20
"""With fewer requests a histogram shows its bins, not the latencies."""
MOST_BINS = 40
LABEL_WIDTH = 12.0
"""Percent of the narrowest plot (a phone's) that a percentile's label takes, with some air."""
MOST_MARKS = 1_500
"""Requests that the strip shows one by one; above, the slowest of each slice of time."""


@dataclass(frozen=True, slots=True)
class Box:
    """A bar of the histogram."""

    x: float
    width: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Percentile:
    """p50, p95 or p99, where there are enough requests."""

    at: float
    """Percent from the left."""
    label: str
    row: int
    """Of its label above the plot; 0 is the lowest."""


@dataclass(frozen=True, slots=True)
class LatencyChart:
    """Histogram, in requests, and cumulative share, in percent, over the same axis of latency."""

    bars: tuple[Box, ...]
    steps: tuple[tuple[float, float, float, float], ...]
    """Lines of the cumulative share: x1 (percent), y1 (pixels), x2, y2."""
    ticks: tuple[AxisTick, ...]
    marks: tuple[Percentile, ...]
    counts: tuple[AxisTick, ...]
    """The bars' axis, in requests; empty without bars."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One request of the strip."""

    x: float
    late_y: float
    """Where the part before its start ends, in pixels from the top."""
    top: float
    late: bool
    title: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Every request over time."""

    marks: tuple[Mark, ...]
    seconds: tuple[AxisTick, ...]
    latencies: tuple[AxisTick, ...]
    late: int
    merged: bool
    """The slowest stand for their neighbours."""


@dataclass(frozen=True, slots=True)
class Latency:
    """The charts of one phase."""

    phase: str
    requests: int
    distribution: LatencyChart
    strip: Strip


def latency(requests: Sequence[Request]) -> Latency | None:
    """Return the charts of the measured phase, or of the profiled one without it; None without requests."""
    for phase, label in (("measure", "measured"), ("profile", "profiled")):
        mine = [request for request in requests if request.phase == phase]
        if mine:
            return Latency(label, len(mine), distribution(mine), strip(mine))
    return None


def distribution(requests: Sequence[Request]) -> LatencyChart:
    """Return the latencies' histogram and cumulative share."""
    values = np.sort(np.array([request.latency_ns / 1e6 for request in requests]))
    axis = ticks(float(values[-1]))
    top = axis[-1]
    bars: list[Box] = []
    counted: list[AxisTick] = []
    if len(values) >= FEWEST_TO_BIN:
        bins = min(MOST_BINS, 2 * int(np.sqrt(len(values))))
        counts, edges = np.histogram(values, bins=bins, range=(0, top))
        scale = whole_ticks(int(counts.max()))
        counted = [AxisTick(HEIGHT * (1 - value / scale[-1]), f"{value:,}") for value in scale]
        for count, left, right in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            if count:
                height = HEIGHT * count / scale[-1]
                title = f"{formats.number(left)} to {formats.ms(right)}: {formats.count(count, 'request')}"
                bars.append(Box(100 * left / top, 100 * (right - left) / top, HEIGHT - height, height, title))
    marks = {
        f"p{which}": 100 * percentile(values.tolist(), which) / top
        for which in PERCENTILES
        if supported(which, len(values))
    }
    return LatencyChart(
        tuple(bars),
        tuple(_steps(values.tolist(), top)),
        tuple(AxisTick(100 * value / top, f"{value:g}") for value in axis),
        tuple(_labelled(marks)),
        tuple(counted),
    )


def _labelled(marks: Mapping[str, float]) -> list[Percentile]:
    """Return percentiles, from the lowest, with labels in as many rows as it takes to keep them apart."""
    ends: list[float] = []
    labelled = []
    for label, at in marks.items():
        row = next((row for row, end in enumerate(ends) if end <= at), len(ends))
        ends[row:] = [at + LABEL_WIDTH, *ends[row + 1 :]]
        labelled.append(Percentile(at, label, row))
    return labelled


def _steps(values: list[float], top: float) -> list[tuple[float, float, float, float]]:
    """Return the cumulative share as a stair of lines; at most `MOST_MARKS` of its steps."""
    stride = max(1, len(values) // MOST_MARKS)
    lines = []
    x, y = 0.0, HEIGHT
    for rank in [*range(stride - 1, len(values) - 1, stride), len(values) - 1]:
        step_x, step_y = 100 * values[rank] / top, HEIGHT * (1 - (rank + 1) / len(values))
        lines += [(x, y, step_x, y), (step_x, y, step_x, step_y)]
        x, y = step_x, step_y
    return [*lines, (x, y, 100.0, y)]


def strip(requests: Sequence[Request]) -> Strip:
    """Return every request over time, by its scheduled instant."""
    ordered = sorted(requests, key=lambda request: request.scheduled_ns)
    first = ordered[0].scheduled_ns
    span = max(request.end_ns for request in ordered) - first
    merged = len(ordered) > MOST_MARKS
    shown = _slowest_of_slices(ordered, first, span) if merged else ordered
    axis = ticks(max(request.latency_ns for request in ordered) / 1e6, 3)
    seconds = ticks(span / 1e9, 8)
    top, length = axis[-1], seconds[-1] * 1e9
    marks = []
    for request in shown:
        late_ms = max(0.0, (request.start_ns - request.scheduled_ns) / 1e6)
        at = formats.seconds((request.scheduled_ns - first) / 1e9)
        late = late_ms >= LATE_MS
        title = f"at {at}: {latency_words(request.latency_ns / 1e6, late_ms)}"
        marks.append(
            Mark(
                100 * (request.scheduled_ns - first) / length,
                HEIGHT * (1 - late_ms / top),
                HEIGHT * (1 - request.latency_ns / 1e6 / top),
                late,
                title,
            )
        )
    late_count = sum(request.start_ns - request.scheduled_ns >= LATE_MS * 1e6 for request in ordered)
    return Strip(
        tuple(marks),
        tuple(AxisTick(100 * value * 1e9 / length, f"{value:g}") for value in seconds),
        tuple(AxisTick(HEIGHT * (1 - value / top), f"{value:g}") for value in axis),
        late_count,
        merged,
    )


def latency_words(latency_ms: float, late_ms: float) -> str:
    """Say what a request took, and how much of it before it started where that is worth saying."""
    said = formats.ms(latency_ms)
    return f"{said}, of which {formats.ms(late_ms)} before it started" if late_ms >= LATE_MS else said


def _slowest_of_slices(ordered: Sequence[Request], first: int, span: int) -> list[Request]:
    slowest: dict[int, Request] = {}
    for request in ordered:
        which = (request.scheduled_ns - first) * MOST_MARKS // max(1, span)
        if which not in slowest or request.latency_ns > slowest[which].latency_ns:
            slowest[which] = request
    return list(slowest.values())
