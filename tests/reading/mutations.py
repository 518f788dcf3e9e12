"""Ways to change a JSON document or the columns of an .npz file, one at a time."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.arrays import Column

Path = tuple[str | int, ...]
GONE = object()
LEAVES: tuple[Any, ...] = (
    *(float("nan"), float("inf"), 1e300, -1e300, 10**30, -(10**30), -1, 0, 1, 0.5, 2**53, 2**59, 2**63),
    *(None, True, "", "\ud800", "nothing", [], {}, [[]], {"": None}, GONE),
)
"""What may stand in a value's place; JSON writers other than ours write NaN and Infinity."""
NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31), 2**59, 2**63 - 1, -(2**63))


def paths(document: Any, before: Path = ()) -> Iterator[Path]:
    """Yield where each value of a document stands."""
    inside = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in inside:
        yield (*before, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*before, key))


def changed(document: Any, path: Path, value: Any) -> Any:
    """Return a copy with another value at a path, or without it for `GONE`."""
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


@st.composite
def column_changes(draw: st.DrawFn, columns: dict[str, Column]) -> dict[str, Column]:
    """Change one column: values, order, length, type, or drop it."""
    name = draw(st.sampled_from(sorted(columns)))
    column = columns[name]
    way = draw(st.sampled_from(["drop", "one", "all", "shorter", "longer", "empty", "reversed", "type"]))
    others = {key: values for key, values in columns.items() if key != name}
    if way == "drop":
        return others
    if way in {"one", "all"}:
        number = draw(st.sampled_from(NUMBERS))
        column = column.copy()
        at = draw(st.integers(0, max(len(column) - 1, 0))) if way == "one" else slice(None)
        if len(column):
            column[at] = np.array(number).astype(column.dtype)
    elif way == "type":
        column = column.astype(draw(st.sampled_from(["<f8", "|u1", "<i8", "<i4", "|b1"])))
    else:
        column = {
            "shorter": column[:-1],
            "longer": np.concatenate((column, column[-1:])),
            "empty": column[:0],
            "reversed": column[::-1],
        }[way]
    return others | {name: column}
