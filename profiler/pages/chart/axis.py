"""Ticks of a chart's axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(highest: float, about: int = 5) -> list[float]:
    """Return round values from 0 to the first at or above `highest`, about this many."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))
    return [step * i for i in range(math.ceil(highest / step - 1e-9) + 1)]


def whole_ticks(highest: int, about: int = 4) -> list[int]:
    """Return round whole numbers from 0 to the first at or above `highest` (at least 1), about this many."""
    highest = max(1, highest)
    step = max(1, math.ceil(ticks(highest, about)[1]))
    return [step * i for i in range(math.ceil(highest / step) + 1)]


@dataclass(frozen=True, slots=True)
class AxisTick:
    """A line of an axis."""

    at: float
    """Percent from the left, or pixels from the top."""
    label: str
