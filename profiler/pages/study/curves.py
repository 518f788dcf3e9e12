"""Latency and throttling against the limit: a curve a configuration, and where its knee is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.pages.chart.axis import AxisTick
from profiler.pages.chart.labels import spaced_labels
from profiler.pages.chart.scale import Scale, logarithmic, scale
from profiler.pages.chart.study_charts import Point, Stroke, down

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from profiler.study.cell_figures import CellFigures
    from profiler.study.cells import LimitSeries
    from profiler.study.knee import Knee

UNLIMITED_STEP = 2.0
"""How many times the largest limit "no limit" stands at on the axis."""
SHARES = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), logarithmic=False)

Lines = dict["LimitSeries", list["CellFigures"]]


@dataclass(frozen=True, slots=True)
class Curve:
    """One configuration over the limits."""

    series: int
    name: str
    segments: tuple[Stroke, ...]
    points: tuple[Point, ...]
    knee_x: float | None
    """Percent; None without a knee."""


@dataclass(frozen=True, slots=True)
class CurveChart:
    """A figure against the limit."""

    caption: str
    curves: tuple[Curve, ...]
    x_ticks: tuple[AxisTick, ...]
    y_ticks: tuple[AxisTick, ...]


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What a chart shows of a cell."""

    caption: str
    scale: Scale
    of: Callable[[CellFigures], float | None]
    text: Callable[[float], str]
    tick: Callable[[float], str]


def limit_charts(
    lines: Lines, knees: Mapping[LimitSeries, Knee | None], series: Mapping[str, int]
) -> list[CurveChart]:
    """Return charts of latency and of throttled periods for configurations of one model and load."""
    rows = [row for mine in lines.values() for row in mine]
    places = _places(rows)
    labels = sorted({(places[row.key.limit], _limit_label(row)) for row in rows})
    return [
        CurveChart(
            quantity.caption,
            tuple(
                _curve(mine, knees[line], quantity, places, series[line.configuration])
                for line, mine in lines.items()
            ),
            tuple(AxisTick(at, label) for at, label in spaced_labels(labels)),
            tuple(
                AxisTick(down(quantity.scale, value), quantity.tick(value)) for value in quantity.scale.ticks
            ),
        )
        for quantity in (_latency(rows), _throttling())
    ]


def _limit_label(row: CellFigures) -> str:
    return "none" if row.key.limit is None else f"{row.key.limit.cpus:g}"


def _places(rows: Sequence[CellFigures]) -> dict[object, float]:
    """Return where each limit lies, in percent; the axis is logarithmic, and "none" stands at its end."""
    cpus = {row.key.limit: row.key.limit.cpus if row.key.limit else None for row in rows}
    unlimited = UNLIMITED_STEP * max(value for value in cpus.values() if value is not None)
    placed = {limit: unlimited if value is None else value for limit, value in cpus.items()}
    axis = logarithmic(list(placed.values()))
    return {limit: 100 * axis.place(value) for limit, value in placed.items()}


def _latency(rows: Sequence[CellFigures]) -> _Quantity:
    """Return p95, or the median where some cell has too few requests; none where it was overloaded."""
    able = [row for row in rows if not row.overloaded and row.p50_ms is not None]
    by_p95 = all(row.p95_ms is not None for row in able)

    def latency_ms(row: CellFigures) -> float | None:
        figure = row.p95_ms if by_p95 else row.p50_ms
        return None if figure is None or row.overloaded else figure.value

    axis = scale([value for row in able if (value := latency_ms(row)) is not None])
    return _Quantity(
        "p95 latency" if by_p95 else "Median latency", axis, latency_ms, formats.ms, "{:g} ms".format
    )


def _throttling() -> _Quantity:
    def throttled(row: CellFigures) -> float | None:
        return 0.0 if row.key.limit is None else row.throttled_share

    return _Quantity("Throttled periods", SHARES, throttled, formats.percent, formats.percent)


def _curve(
    rows: Sequence[CellFigures],
    knee: Knee | None,
    quantity: _Quantity,
    places: Mapping[object, float],
    series: int,
) -> Curve:
    name = rows[0].key.configuration
    points = tuple(
        Point(
            x=places[row.key.limit],
            y=down(quantity.scale, value),
            series=series,
            title=f"{name}, {row.key.group.limit_words}: {quantity.text(value)}",
            row=row,
        )
        for row in rows
        if (value := quantity.of(row)) is not None
    )
    segments = tuple((point.x, point.y, other.x, other.y) for point, other in pairwise(points))
    return Curve(series, name, segments, points, None if knee is None else places[knee.at.limit])
