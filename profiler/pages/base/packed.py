"""Columns of whole numbers as text that a page can carry: LEB128 bytes, deflated (zlib, RFC 1950), in base64.

A number below 128 takes one byte, below 16,384 two (DWARF 5, section 7.6, unsigned LEB128). `readColumn` in
packed.js is the other side; `unpack` is the reference that the tests hold both against.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

BITS = 7
MORE = 0x80
LONGEST = 10
"""Bytes of the longest number, 64 bits in groups of seven."""


def pack(values: npt.NDArray[np.integer[Any]]) -> str:
    """Encode non-negative numbers below 2**63; `ValueError` for a negative one."""
    rest = np.asarray(values, np.int64)
    if rest.size and int(rest.min()) < 0:
        raise ValueError("a column holds a negative number")
    groups = np.empty((len(rest), LONGEST), np.uint8)
    used = np.ones((len(rest), LONGEST), np.bool_)
    for position in range(LONGEST):
        groups[:, position] = rest & (MORE - 1)
        if position:
            used[:, position] = rest > 0
        rest = rest >> BITS
        groups[:, position] |= np.where(rest > 0, MORE, 0).astype(np.uint8)
    return base64.b64encode(zlib.compress(groups[used].tobytes())).decode("ascii")


def pack_rising(values: npt.NDArray[np.integer[Any]]) -> str:
    """Encode numbers that never fall, as the first and the differences."""
    column = np.asarray(values, np.int64)
    return pack(np.diff(column, prepend=np.zeros(1, np.int64)))


def unpack(text: str) -> list[int]:
    """Decode what `pack` made."""
    values, value, shift = [], 0, 0
    for byte in zlib.decompress(base64.b64decode(text)):
        value |= (byte & (MORE - 1)) << shift
        shift += BITS
        if not byte & MORE:
            values.append(value)
            value = shift = 0
    return values
