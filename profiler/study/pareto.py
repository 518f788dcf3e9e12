"""Which of several choices nobody should overlook: those that no other beats in both costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the positions of the points that no other dominates, by their first cost; less is better.

    One dominates another when it is no worse in either cost and better in one (Pareto). Points that are
    equal in both are all on the front.
    """
    front: list[int] = []
    least = float("inf")
    for position in sorted(range(len(points)), key=lambda position: points[position]):
        second = points[position][1]
        if second < least or (front and points[position] == points[front[-1]]):
            front.append(position)
            least = min(least, second)
    return front
