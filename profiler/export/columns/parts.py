"""Columns taken part by part: as Python's numbers a whole one takes many times the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.arrays import Column

ROWS = 10_000
"""Of a part."""


def parts(column: Column) -> Iterator[Column]:
    """Yield a column in parts of `ROWS` rows, the last one shorter."""
    for begin in range(0, len(column), ROWS):
        yield column[begin : begin + ROWS]


def rows(*columns: Column) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of columns of one length as Python's numbers."""
    for rows in zip(*map(parts, columns), strict=True):
        yield from zip(*(part.tolist() for part in rows), strict=True)
