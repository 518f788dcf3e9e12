"""Several differences judged together, so that the chance of even one false alarm stays what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.study.intervals import LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence


def holm(probabilities: Sequence[float], level: float = LEVEL) -> list[bool]:
    """Return which of several differences are significant, in the order of their p-values given.

    Holm 1979, "A simple sequentially rejective multiple test procedure": the smallest of m has to be below
    alpha / m, the next below alpha / (m - 1), and so on to the first that is not. No assumption on how the
    figures depend on each other.
    """
    alpha = 1 - level
    significant = [False] * len(probabilities)
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__)
    for rank, index in enumerate(order):
        if probabilities[index] > alpha / (len(order) - rank):
            break
        significant[index] = True
    return significant
