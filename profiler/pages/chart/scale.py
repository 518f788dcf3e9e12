"""An axis that suits its values: from zero, or logarithmic where they differ tenfold or more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.pages.chart.axis import ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

TENFOLD = 10.0
MARGIN = 1.25
"""How far beyond the outermost values a logarithmic axis goes, as a factor."""
MANTISSAS = (1.0, 2.0, 5.0)
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values lie between an axis's ends."""

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool

    def place(self, value: float) -> float:
        """Return how far along the axis a value lies, from 0 to 1; values beyond an end lie at it."""
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


def scale(values: Sequence[float]) -> Scale:
    """Return an axis for values that are not negative."""
    positive = [value for value in values if value > 0]
    if positive and max(values) / min(positive) >= TENFOLD and len(positive) == len(values):
        return logarithmic(values)
    marks = ticks(max(values, default=0.0))
    return Scale(0.0, marks[-1], tuple(marks), logarithmic=False)


def logarithmic(values: Sequence[float]) -> Scale:
    """Return a logarithmic axis for positive values, with ticks at 1, 2 and 5 times powers of ten."""
    low, high = min(values) / MARGIN, max(values) * MARGIN
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [m * 10.0**power for power in powers for m in MANTISSAS if low <= m * 10.0**power <= high]
    coarse = [10.0**power for power in powers if low <= 10.0**power <= high]
    return Scale(low, high, tuple(fine if len(fine) <= MOST_TICKS else coarse), logarithmic=True)
