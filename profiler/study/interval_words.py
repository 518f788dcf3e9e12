"""Confidence intervals in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats

if TYPE_CHECKING:
    from profiler.study.cell_figures import Estimate

MOST_UNSURE = 100.0
"""An interval whose ends differ by more says nothing but that there were too few repeats."""


def is_unsure(figure: Estimate) -> bool:
    """Whether a figure's interval says nothing but that there were too few repeats."""
    return figure.interval is not None and figure.interval[1] > figure.interval[0] * MOST_UNSURE


def interval_text(figure: Estimate) -> str:
    """Return a figure's interval: `4.9 to 5.4`; empty where there is none."""
    if figure.interval is None:
        return ""
    low, high = figure.interval
    return "unsure" if is_unsure(figure) else f"{formats.number(low)} to {formats.number(high)}"
