"""Labels of a chart's points, placed so that they lie neither on each other nor on points.

Text is as wide as its letters on the narrowest plot, a phone's: what is apart there is apart everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINE = 14.0
"""Pixels between the baselines of two labels."""
MARK = 7.0
"""Pixels from a point's centre to the edge of its mark."""
NARROWEST = 290.0
"""Pixels of the plot in a page of 390."""
LETTER = 6.5
"""Pixels of a letter, at most on average, in a chart's 11 px."""
GAP = 10.0
"""Pixels from a point's centre to its label, across and up: whiskers pass below."""
RIGHT_SIDE = 55.0
"""Percent across from which a label stands on the left of its point."""


@dataclass(frozen=True, slots=True)
class _Area:
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: _Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def text_percent(text: str) -> float:
    """Return how wide a text is on the narrowest plot, in percent of it."""
    return 100 * LETTER * len(text) / NARROWEST


def on_the_left(x: float) -> bool:
    """Say whether the label of a point at `x` percent stands on its left."""
    return x > RIGHT_SIDE


def label_shifts(points: Sequence[tuple[float, float, str]], height: float) -> list[float]:
    """Return for each point (percent across, pixels down, label) how many pixels its label is moved down.

    A label that is not moved stands beside its point, and above its whisker. The nearest free place within
    `height` is taken, from the uppermost point on; where all is full, the nearest below it.
    """
    marks = [_mark(x, y) for x, y, _ in points]
    taken: list[_Area] = []
    shifts = [0.0] * len(points)
    for which in sorted(range(len(points)), key=lambda which: points[which][1]):
        x, y, text = points[which]
        others = [*taken, *marks[:which], *marks[which + 1 :]]
        shift = next(
            shift
            for shift in _candidates(y, height)
            if not any(_text(x, y + shift, text).meets(other) for other in others)
        )
        shifts[which] = shift
        taken.append(_text(x, y + shift, text))
    return shifts


def spaced_labels(places: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return an axis's labels (percent across, in order) that don't lie on each other; the ends stay."""
    if not places:
        return []
    *inner, last = places
    kept: list[tuple[float, str]] = []
    for place in inner:
        if (not kept or _clear(kept[-1], place)) and (not kept or _clear(place, last)):
            kept.append(place)
    return [*kept, last]


def _clear(label: tuple[float, str], other: tuple[float, str]) -> bool:
    return other[0] - label[0] > (text_percent(label[1]) + text_percent(other[1])) / 2 + text_percent(" ")


def _candidates(y: float, height: float) -> Iterator[float]:
    """Yield shifts from the nearest on: within the plot first, then below it for ever."""
    steps = int(height // LINE) + 1
    within = (
        shift
        for step in range(steps)
        for shift in ((0.0,) if not step else (step * LINE, -step * LINE))
        if LINE / 2 <= y - GAP + shift <= height - LINE / 2 or not step
    )
    return chain(within, (step * LINE for step in count(steps)))


def _mark(x: float, y: float) -> _Area:
    across = 100 * MARK / NARROWEST
    return _Area(x - across, x + across, y - MARK, y + MARK)


def _text(x: float, y: float, text: str) -> _Area:
    gap, width = 100 * GAP / NARROWEST, text_percent(text)
    left = x - gap - width if on_the_left(x) else x + gap
    return _Area(left, left + width, y - GAP - LINE / 2, y - GAP + LINE / 2)
