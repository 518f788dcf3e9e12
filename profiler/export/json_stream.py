"""JSON whose long arrays are written as they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.export.columns.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from _typeshed import SupportsWrite

    from profiler.arrays import Column


def write_object(
    out: SupportsWrite[bytes], head: msgspec.Struct, arrays: Mapping[str, Iterable[bytes]]
) -> None:
    """Write the fields of `head`, then arrays: each of pieces as `write_array` takes them."""
    encoded = msgspec.json.encode(head)
    out.write(encoded[:-1])
    for number, (name, pieces) in enumerate(arrays.items()):
        out.write(b"," if number or len(encoded) > len(b"{}") else b"")
        out.write(msgspec.json.encode(name) + b":")
        write_array(out, pieces)
    out.write(b"}")


def write_array(out: SupportsWrite[bytes], pieces: Iterable[bytes]) -> None:
    """Write an array; a piece is one element, encoded, or several with commas between them."""
    out.write(b"[")
    for number, piece in enumerate(pieces):
        out.write(b"," if number else b"")
        out.write(piece)
    out.write(b"]")


def numbers(column: Column) -> Iterator[bytes]:
    """Yield the pieces of an array of a column's numbers."""
    for part in parts(column):
        yield msgspec.json.encode(part.tolist())[1:-1]
