"""What a study's charts have in common: their geometry in percent across and pixels down, drawn as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.pages.chart.labels import on_the_left

if TYPE_CHECKING:
    from profiler.pages.chart.scale import Scale
    from profiler.study.cell_figures import CellFigures

HEIGHT = 240.0
"""Pixels of a chart's plot."""

Stroke = tuple[float, float, float, float]
"""x1 (percent), y1 (pixels), x2, y2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A cell in a chart."""

    x: float
    y: float
    series: int
    """Which configuration, so which colour and shape."""
    title: str
    row: CellFigures
    label: str = ""
    label_y: float = 0.0
    """Pixels from the point down to its label."""
    whiskers: tuple[Stroke, ...] = ()
    on_front: bool = False

    @property
    def on_the_left(self) -> bool:
        """Whether its label stands there."""
        return on_the_left(self.x)


def down(scale: Scale, value: float) -> float:
    """Return where a value lies, in pixels from the top."""
    return HEIGHT * (1 - scale.place(value))
