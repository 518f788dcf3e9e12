"""Workers that were created side by side: what they share by chance, and which belong together. Pure."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

Part = list[int]
"""Workers in the order of their creation."""


def chance_of_at_most(most: int, tries: int, share: float) -> float:
    """Return how probable it is that at most so many of `tries` succeed, each with the chance `share`."""
    return math.fsum(
        math.exp(
            math.lgamma(tries + 1)
            - math.lgamma(count + 1)
            - math.lgamma(tries - count + 1)
            + count * math.log(share)
            + (tries - count) * math.log1p(-share)
        )
        for count in range(most + 1)
    )


def join_neighbours(
    stretches: Sequence[Sequence[Part]],
    most: int,
    apart: Collection[int],
    likeness: Callable[[int, int], float],
) -> list[list[Part]]:
    """Return the parts of stretches with neighbours joined until `most` are left, the most alike first.

    Parts with threads of `apart` are neither counted nor joined, and those of two stretches only where no
    stretch has two any more.
    """
    joined = [list(stretch) for stretch in stretches]

    def usable(part: Part) -> bool:
        return not any(tid in apart for tid in part)

    while sum(usable(part) for stretch in joined for part in stretch) > most:
        placed = [(row, part) for row, stretch in enumerate(joined) for part in stretch]
        pairs = [
            (left, right)
            for left, right in itertools.pairwise(placed)
            if usable(left[1]) and usable(right[1])
        ]
        if not pairs:
            break
        (row, first), (other, second) = max(
            pairs,
            key=lambda pair: (
                pair[0][0] == pair[1][0],
                max(likeness(one, another) for one in pair[0][1] for another in pair[1][1]),
            ),
        )
        joined[row][joined[row].index(first)] = [*first, *second]
        joined[other].remove(second)
    return joined
