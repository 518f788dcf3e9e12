"""Rows that are alike as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Column


def grouped(keys: Sequence[Column], ns: Column) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Yield (key, rows, sum of `ns`) of each distinct row of the key columns, in rising order of keys."""
    if not len(ns):
        return
    order = np.lexsort(tuple(keys[::-1]))
    ordered = [column[order] for column in keys]
    changes = np.zeros(len(ns), np.bool_)
    changes[0] = True
    for column in ordered:
        changes[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(changes)
    counts = np.diff(np.append(first, len(ns)))
    sums = np.add.reduceat(ns[order], first)
    distinct = zip(*(column[first].tolist() for column in ordered), strict=True)
    yield from zip(distinct, counts.tolist(), sums.tolist(), strict=True)
