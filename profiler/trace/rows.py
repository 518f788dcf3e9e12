"""Rows of a table whose columns are the fields of a dataclass."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from profiler.arrays import Column

Table = TypeVar("Table", bound=Any)


def selected(table: Table, rows: Column) -> Table:
    """Return the rows that a mask or indices select, as the same kind of table."""
    return dataclasses.replace(
        table, **{field.name: getattr(table, field.name)[rows] for field in dataclasses.fields(table)}
    )
