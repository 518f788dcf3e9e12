"""CPU time against latency: one point a configuration, and the Pareto front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.pages.chart.axis import AxisTick
from profiler.pages.chart.labels import label_shifts
from profiler.pages.chart.scale import Scale, scale
from profiler.pages.chart.study_charts import HEIGHT, Point, Stroke, down
from profiler.study.interval_words import is_unsure
from profiler.study.pareto import tradeoff
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.pareto import Choice

LONGEST_LABEL = 24
"""Letters of a configuration's name that its label shows."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """A group's chart."""

    caption: str
    statistic: Statistic
    points: tuple[Point, ...]
    front: tuple[Stroke, ...]
    x_ticks: tuple[AxisTick, ...]
    y_ticks: tuple[AxisTick, ...]
    notes: tuple[str, ...]


def scatter(caption: str, rows: Sequence[CellFigures], series: dict[str, int]) -> Scatter | None:
    """Return a group's chart, or None where there is nothing to compare.

    `series` numbers the configurations by their labels.
    """
    costs = tradeoff(rows)
    if len(costs.choices) < 2:  # noqa: PLR2004  a choice takes two
        return None
    x = scale([value for choice in costs.choices for value in _extent(choice.cpu_ms)])
    y = scale([value for choice in costs.choices for value in _extent(choice.latency_ms)])
    points = [_point(choice, x, y, series, costs.statistic) for choice in costs.choices]
    corners = [
        (100 * x.place(cheapest.cpu_ms.value), down(y, cheapest.latency_ms.value)) for cheapest in costs.front
    ]
    return Scatter(
        caption,
        costs.statistic,
        tuple(_apart(points)),
        tuple(_stairs(corners)),
        tuple(AxisTick(100 * x.place(value), f"{value:g}") for value in x.ticks),
        tuple(AxisTick(down(y, value), f"{value:g}") for value in y.ticks),
        tuple(_notes(costs.statistic, x, y)),
    )


def _notes(statistic: Statistic, x: Scale, y: Scale) -> list[str]:
    notes = []
    if statistic is not Statistic.P95:
        notes.append("The median stands in for p95, which needs 20 requests.")
    if x.logarithmic and y.logarithmic:
        notes.append("Both axes are logarithmic.")
    elif x.logarithmic or y.logarithmic:
        notes.append(f"The axis of {'CPU time' if x.logarithmic else 'latency'} is logarithmic.")
    return notes


def _extent(figure: Estimate) -> list[float]:
    """Return what an axis has to hold of a figure: its interval, unless that says nothing."""
    if figure.interval is None or is_unsure(figure):
        return [figure.value]
    return [figure.interval[0], figure.value, figure.interval[1]]


def _point(choice: Choice, x: Scale, y: Scale, series: dict[str, int], statistic: Statistic) -> Point:
    across, below = 100 * x.place(choice.cpu_ms.value), down(y, choice.latency_ms.value)
    cpu, latency = _extent(choice.cpu_ms), _extent(choice.latency_ms)
    name = choice.row.key.configuration
    title = (
        f"{name}: {formats.ms(choice.cpu_ms.value)} of CPU time a request, "
        f"{statistic.value} {formats.ms(choice.latency_ms.value)}"
    )
    return Point(
        x=across,
        y=below,
        series=series[name],
        title=f"{title}; overloaded" if choice.row.overloaded else title,
        row=choice.row,
        label=_label(choice),
        whiskers=(
            (100 * x.place(cpu[0]), below, 100 * x.place(cpu[-1]), below),
            (across, down(y, latency[0]), across, down(y, latency[-1])),
        ),
        on_front=choice.on_front,
    )


def _label(choice: Choice) -> str:
    name = choice.row.key.configuration
    short = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
    return f"{short} (overloaded)" if choice.row.overloaded else short


def _apart(points: Sequence[Point]) -> list[Point]:
    """Return the points with labels that lie neither on each other nor on points."""
    shifts = label_shifts([(point.x, point.y, point.label) for point in points], HEIGHT)
    return [replace(point, label_y=shift) for point, shift in zip(points, shifts, strict=True)]


def _stairs(corners: Sequence[tuple[float, float]]) -> list[Stroke]:
    """Return the front as stairs: what lies above and right of them is beaten by a choice on them."""
    segments: list[Stroke] = []
    for (x, y), (next_x, next_y) in pairwise(corners):
        segments += [(x, y, next_x, y), (next_x, y, next_x, next_y)]
    return segments
