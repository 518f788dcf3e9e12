"""Columns of the .npz files that ortprof writes: typed look-up, and strings as numbers.

A table of strings is two columns, the UTF-8 text of all and where each ends.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.arrays import Column


def take(columns: Mapping[str, Column], name: str, dtype: str) -> Column:
    """Return a column of one type (as `dtype.str` names it); `ValueError` where there is none."""
    if name not in columns:
        raise ValueError(f"column {name!r} is missing")
    column = columns[name]
    if column.dtype.str != dtype:
        raise ValueError(f"column {name!r} is {column.dtype.str}, not {dtype}")
    return column


def from_text(text: str) -> Column:
    """Return a text's UTF-8 bytes."""
    return np.frombuffer(text.encode(), np.uint8)


def from_strings(name: str, strings: Sequence[str]) -> dict[str, Column]:
    """Return the two columns of a table of strings, `name.text` and `name.ends`."""
    encoded = [text.encode() for text in strings]
    return {
        f"{name}.text": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}.ends": np.cumsum([len(text) for text in encoded], dtype=np.int64),
    }


def to_strings(columns: Mapping[str, Column], name: str) -> tuple[str, ...]:
    """Read what `from_strings` made; `ValueError` when it is not that."""
    text = take(columns, f"{name}.text", "|u1").tobytes()
    ends = take(columns, f"{name}.ends", "<i8")
    bounds = np.concatenate((np.zeros(1, np.int64), ends))
    if bool(np.any(bounds[1:] < bounds[:-1])) or int(bounds[-1]) != len(text):
        raise ValueError(f"the strings of {name!r} don't end where they should")
    starts = bounds.tolist()
    return tuple(text[start:end].decode() for start, end in itertools.pairwise(starts))
