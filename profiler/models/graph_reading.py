"""An ONNX file's graph without its weights: a model of 1.34 GB is looked at in milliseconds.

The file is mapped and walked field by field; the data of initializers is stepped over, not read. Wire format:
https://protobuf.dev/programming-guides/encoding/; numbers of fields: onnx.proto.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from profiler import files
from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
FIXED = {FIXED64: 8, FIXED32: 4}
LONGEST_VARINT = 10


@dataclass(slots=True)
class Graph:
    """Nodes in the order in which they can run, and what is known before."""

    nodes: list[NodeProto] = field(default_factory=list)
    inputs: list[ValueInfoProto] = field(default_factory=list)
    """Those that must be fed: older files list initializers among them."""
    constants: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Shapes of the initializers by name."""


def read_graph(path: Path) -> Graph:
    """Read a model's graph; `UsageError` where the file can't be read or is no ONNX model."""
    try:
        with files.open_regular(path) as file:
            # Not closed by hand: views of it live as long as an error's traceback.
            return _graph(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except OSError as error:
        raise files.not_read(path, error) from error
    except (DecodeError, ValueError, IndexError) as error:
        raise UsageError(f"{path} is no ONNX model: {error}") from error


def _graph(content: memoryview) -> Graph:
    graph = Graph()
    for number, value in _fields(content):
        if number != ModelProto.GRAPH_FIELD_NUMBER or isinstance(value, int):
            continue
        for part, held in _fields(value):
            if isinstance(held, int):
                continue
            if part == GraphProto.NODE_FIELD_NUMBER:
                graph.nodes.append(NodeProto.FromString(bytes(held)))
            elif part == GraphProto.INPUT_FIELD_NUMBER:
                graph.inputs.append(ValueInfoProto.FromString(bytes(held)))
            elif part == GraphProto.INITIALIZER_FIELD_NUMBER:
                name, shape = _named_shape(held)
                graph.constants[name] = shape
    if not graph.nodes and not graph.inputs:
        raise ValueError("it has no graph")
    graph.inputs = [node for node in graph.inputs if node.name not in graph.constants]
    return graph


def _named_shape(tensor: memoryview) -> tuple[str, tuple[int, ...]]:
    name, shape = "", []
    for number, value in _fields(tensor):
        if number == TensorProto.DIMS_FIELD_NUMBER:
            shape += [value] if isinstance(value, int) else list(_varints(value))
        elif number == TensorProto.NAME_FIELD_NUMBER and not isinstance(value, int):
            name = bytes(value).decode(errors="replace")
    return name, tuple(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the fields of a message: number, and its value or its bytes; fixed ones are left out."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        if wire == LENGTH_DELIMITED:
            length, place = _varint(message, place)
            end = place + length
            if end <= len(message):
                yield number, message[place:end]
        elif wire in FIXED:
            end = place + FIXED[wire]
        else:
            raise ValueError(f"a field of wire type {wire}")
        if end > len(message):
            raise ValueError("it is cut off")
        place = end


def _varints(packed: memoryview) -> Iterator[int]:
    place = 0
    while place < len(packed):
        value, place = _varint(packed, place)
        yield value


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Decode a base-128 integer; return it and where it ends."""
    value = 0
    for shift in range(0, 7 * LONGEST_VARINT, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says "more follows"
            return value, place
    raise ValueError("a number without an end")
