"""Requests by their length, with what each waited on top: a chart's geometry, which the template draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.length_figures import sized_requests
from profiler.findings.thresholds import LATE_MS
from profiler.pages.chart.axis import AxisTick, ticks
from profiler.pages.run.latency import HEIGHT, MOST_MARKS, latency_words

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis


@dataclass(frozen=True, slots=True)
class SizedMark:
    """One request: across by its length, up by its time."""

    x: float
    served_y: float
    """From its start to its end, in pixels from the top."""
    top: float
    """Its latency: what it waited lies between the two."""
    late: bool
    title: str


@dataclass(frozen=True, slots=True)
class ByLength:
    """The chart of requests that differ in length."""

    marks: tuple[SizedMark, ...]
    line: tuple[float, float, float, float]
    """What a request of each length takes, by least squares: x1 (percent), y1 (pixels), x2, y2."""
    lengths: tuple[AxisTick, ...]
    latencies: tuple[AxisTick, ...]
    left_out: int
    """How many of the fastest are not drawn."""

    @property
    def late(self) -> bool:
        """Whether any that is drawn waited to start."""
        return any(mark.late for mark in self.marks)


def by_length(analysis: Analysis) -> ByLength | None:
    """Return the chart; None where requests have one length, or are too few to tell."""
    figures = analysis.summary.lengths
    if figures is None:
        return None
    requests, length = sized_requests(analysis.recorded)
    late = np.array([max(0, request.start_ns - request.scheduled_ns) for request in requests]) / 1e6
    served = np.array([request.end_ns - request.start_ns for request in requests]) / 1e6
    across, up = ticks(float(length.max())), ticks(float((late + served).max()), 3)
    drawn = np.sort(np.argsort(-(late + served), kind="stable")[:MOST_MARKS])
    marks = (
        SizedMark(
            100 * length[which] / across[-1],
            HEIGHT * (1 - served[which] / up[-1]),
            HEIGHT * (1 - (late[which] + served[which]) / up[-1]),
            bool(late[which] >= LATE_MS),
            f"length {length[which]:,.0f}: {latency_words(served[which] + late[which], late[which])}",
        )
        for which in drawn
    )
    start = served.mean() - figures.ms_per_element * figures.mean_length
    return ByLength(
        tuple(marks),
        _within(
            (length.min(), start + figures.ms_per_element * length.min()),
            (length.max(), start + figures.ms_per_element * length.max()),
            (across[-1], up[-1]),
        ),
        tuple(AxisTick(100 * value / across[-1], f"{value:g}") for value in across),
        tuple(AxisTick(HEIGHT * (1 - value / up[-1]), f"{value:g}") for value in up),
        len(requests) - len(drawn),
    )


def _within(
    first: tuple[float, float], last: tuple[float, float], most: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return the line between two points (length, ms), in percent and pixels, kept within the chart."""
    (x1, y1), (x2, y2) = (
        (100 * length / most[0], HEIGHT * (1 - min(max(taken, 0.0), most[1]) / most[1]))
        for length, taken in (first, last)
    )
    return x1, y1, x2, y2
