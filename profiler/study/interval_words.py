"""Confidence intervals in words: the one place that says which are too wide to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats

if TYPE_CHECKING:
    from profiler.study.cell_figures import Estimate
    from profiler.study.intervals import Interval

MOST_UNSURE = 10.0
"""An interval whose ends differ by more says nothing but that there were too few repeats."""
UNSURE = "unsure"


def too_wide(low: float, high: float) -> bool:
    """Whether an interval says nothing but that there were too few repeats."""
    return high > low * MOST_UNSURE


def bounds(low: float, high: float) -> str:
    """Return an interval: `4.9 to 5.4`; `unsure` for one that says nothing."""
    return UNSURE if too_wide(low, high) else f"{formats.number(low)} to {formats.number(high)}"


def is_unsure(figure: Estimate) -> bool:
    """Whether a figure's interval says nothing but that there were too few repeats."""
    return figure.interval is not None and too_wide(*figure.interval)


def interval_text(figure: Estimate) -> str:
    """Return a figure's interval, as `bounds` does; empty where there is none."""
    return "" if figure.interval is None else bounds(*figure.interval)


def figure_text(figure: Estimate) -> str:
    """Return a figure with its interval, where it has one: `5.60 (5.41 to 5.80)`."""
    interval, value = interval_text(figure), formats.number(figure.value)
    return f"{value} ({interval})" if interval else value


def with_interval(value: Interval | None) -> str:
    """Return `5.60 ms (5.41 to 5.80)`, a dash for None."""
    return (
        formats.ms(None)
        if value is None
        else f"{formats.ms(value.estimate)} ({bounds(value.low, value.high)})"
    )
