"""Protocol Buffers' wire format, as far as profiles need it.

The library for it holds a whole message in memory, so a profile of a million samples; here each is written as
it is made. Format: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

VARINT, FIXED, LENGTH = range(3)
"""Wire types."""
CONTINUES = 0x80
LOW = 0x7F
MASK = (1 << 64) - 1


def varint(value: int) -> bytes:
    """Return an integer in seven bits a byte, the lowest first; a negative one as int64 has it."""
    value &= MASK
    parts = bytearray()
    while value > LOW:
        parts.append(value & LOW | CONTINUES)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def integer(field: int, value: int) -> bytes:
    """Return a field of type int64, uint64, int32, uint32, bool or an enumeration."""
    return varint(field << 3 | VARINT) + varint(value)


def fixed(field: int, value: int) -> bytes:
    """Return a field of type fixed64."""
    return varint(field << 3 | FIXED) + struct.pack("<Q", value)


def double(field: int, value: float) -> bytes:
    """Return a field of type double."""
    return varint(field << 3 | FIXED) + struct.pack("<d", value)


def data(field: int, content: bytes) -> bytes:
    """Return a field of type bytes, or of a message that is encoded."""
    return varint(field << 3 | LENGTH) + varint(len(content)) + content


def text(field: int, content: str) -> bytes:
    """Return a field of type string; it must be valid Unicode."""
    return data(field, content.encode())


def packed(field: int, values: Iterable[int]) -> bytes:
    """Return a repeated field of integers."""
    return data(field, b"".join(map(varint, values)))
