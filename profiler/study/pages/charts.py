"""What a study's charts have in common: their geometry in percent across and pixels down, drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.report import formats

if TYPE_CHECKING:
    from profiler.study.figures import CellFigures, Figure
    from profiler.study.pages.scale import Scale

HEIGHT = 240.0
"""Pixels of a chart's plot."""
MOST_UNSURE = 100.0
"""An interval whose ends differ by more says nothing but that there were too few repeats."""

Segment = tuple[float, float, float, float]
"""x1 (percent), y1 (pixels), x2, y2."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of an axis: percent from the left, or pixels from the top."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A cell in a chart."""

    x: float
    y: float
    series: int
    """Which configuration, so which colour and shape."""
    title: str
    row: CellFigures
    label_y: float = 0.0
    """Pixels from the point down to its label."""
    whiskers: tuple[Segment, ...] = ()
    on_front: bool = False


def down(scale: Scale, value: float) -> float:
    """Return where a value lies, in pixels from the top."""
    return HEIGHT * (1 - scale.place(value))


def is_unsure(figure: Figure) -> bool:
    """Whether a figure's interval says nothing but that there were too few repeats."""
    return figure.interval is not None and figure.interval[1] > figure.interval[0] * MOST_UNSURE


def interval_text(figure: Figure) -> str:
    """Return a figure's interval: `4.9 to 5.4`; empty where there is none."""
    if figure.interval is None:
        return ""
    low, high = figure.interval
    return "unsure" if is_unsure(figure) else f"{formats.number(low)} to {formats.number(high)}"
