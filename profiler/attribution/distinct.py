"""Which codes occur in columns: what samples have in common is worked on once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.arrays import Column, Int64s

SPARSE = 8
"""Possible codes for each row, from which on a table of them takes longer than sorting the rows."""


def distinct(codes: Int64s, most: int) -> tuple[Int64s, Int64s]:
    """Return the codes that occur, in order, and for each row which of them it has.

    Codes lie from 0 to before `most`. It is `np.unique`, which sorts: that takes five times as long for a
    million rows with few codes.
    """
    if most > SPARSE * codes.size:
        occurring, index = np.unique(codes, return_inverse=True)
        return occurring, index.reshape(-1)
    there = np.zeros(most, np.bool_)
    there[codes] = True
    return np.flatnonzero(there), (np.cumsum(there) - 1)[codes]


def distinct_by_stack(stack: Column, codes: Int64s, most: int) -> tuple[Int64s, Int64s, Int64s]:
    """Return the stacks and the codes of the pairs that occur, in order, and for each row which it has.

    `stack`: index into the stacks, or NONE. Codes lie from 0 to before `most`.
    """
    places = stack.astype(np.int64) - NONE
    pairs, index = distinct(places * most + codes, (int(places.max(initial=0)) + 1) * most)
    stacks, occurring = np.divmod(pairs, max(1, most))
    return stacks + NONE, occurring, index
