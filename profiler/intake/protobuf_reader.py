"""Protocol Buffers' wire format, read: the counterpart of `profiler.export.protobuf_wire`.

Format: https://protobuf.dev/programming-guides/encoding/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Value: TypeAlias = "int | memoryview"
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_MASK = (1 << 64) - 1
_LONGEST = 70
"""Bits that a number may take: ten bytes of seven."""


def fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """Yield the fields of a message in order; `ValueError` where it is none.

    Numbers are unsigned; strings, bytes and messages are memory views.
    """
    position = 0
    while position < len(message):
        key, position = _number(message, position)
        kind, value = key & 7, 0
        if kind == _VARINT:
            value, position = _number(message, position)
            yield key >> 3, value
            continue
        size = _FIXED.get(kind)
        if kind == _LENGTH:
            size, position = _number(message, position)
        if size is None or position + size > len(message):
            raise ValueError(f"no field at byte {position}")
        content = message[position : position + size]
        position += size
        yield key >> 3, content if kind == _LENGTH else int.from_bytes(content, "little")


def numbers(value: Value) -> Iterator[int]:
    """Yield the numbers of a repeated field, packed or not; `ValueError` where they are none."""
    if isinstance(value, int):
        yield value
        return
    position = 0
    while position < len(value):
        number, position = _number(value, position)
        yield number


def signed(number: int) -> int:
    """Return an int64 of the number that stands for it on the wire."""
    return number - (1 << 64) if number >> 63 else number


def _number(message: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message) or shift >= _LONGEST:
            raise ValueError(f"no number at byte {position}")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  the bit that says that more follow
            return value & _MASK, position
        shift += 7
