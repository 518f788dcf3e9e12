"""Writes an ONNX file tensor by tensor: a model of 1.34 GB needs the memory of its largest tensor.

The onnx library serialises a whole model at once, which holds all weights twice. A protobuf message may
have its fields in any order (https://protobuf.dev/programming-guides/encoding/), so the weights follow the
graph's other fields and only their sizes must be known beforehand, which the shapes tell.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from onnx import GraphProto, ModelProto, TensorProto

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.models.graph import Parameter
    from profiler.models.progress import Progress
    from profiler.models.weights import Weights

LENGTH_DELIMITED = 2
"""Protobuf's wire type for messages and bytes."""

FLOAT32_BYTES = 4


@dataclass(frozen=True, slots=True)
class Written:
    """What went into the file."""

    size: int
    """Bytes."""
    sha256: str


def write(
    file: BinaryIO,
    model: ModelProto,
    parameters: Iterable[Parameter],
    weights: Weights,
    *,
    progress: Progress,
    label: str,
) -> Written:
    """Write `model`, which holds no initializers, with its parameters as initializers.

    `progress` is told about every tensor, in bytes.
    """
    headers = {parameter: _tensor_header(parameter) for parameter in parameters}
    graph = model.graph.SerializeToString()
    graph_size = len(graph) + sum(len(head) + _data_size(parameter) for parameter, head in headers.items())
    rest = ModelProto()
    rest.CopyFrom(model)
    rest.ClearField("graph")

    digest = hashlib.sha256()
    size = 0

    def put(data: bytes | memoryview) -> None:
        nonlocal size
        file.write(data)
        digest.update(data)
        size += len(data)

    progress.start(graph_size, label)
    try:
        put(rest.SerializeToString() + _prefix(ModelProto.GRAPH_FIELD_NUMBER, graph_size) + graph)
        progress.advance(len(graph))
        for parameter, head in headers.items():
            put(head)
            values = weights.read(parameter)
            # ONNX raw data is little-endian.
            put(values.astype("<f4", copy=False).data.cast("B"))
            progress.advance(len(head) + values.nbytes)
    finally:
        progress.finish()
    return Written(size, digest.hexdigest())


def _tensor_header(parameter: Parameter) -> bytes:
    """All bytes of an initializer but its data: the graph's field, the tensor's fields, the data's length."""
    fields = TensorProto(name=parameter.name, dims=parameter.shape, data_type=TensorProto.FLOAT)
    data_size = _data_size(parameter)
    tensor: bytes = fields.SerializeToString() + _prefix(TensorProto.RAW_DATA_FIELD_NUMBER, data_size)
    return _prefix(GraphProto.INITIALIZER_FIELD_NUMBER, len(tensor) + data_size) + tensor


def _data_size(parameter: Parameter) -> int:
    return math.prod(parameter.shape) * FLOAT32_BYTES


def _prefix(field: int, length: int) -> bytes:
    """Encode the tag and the length that come before a length-delimited field."""
    return _varint(field << 3 | LENGTH_DELIMITED) + _varint(length)


def _varint(value: int) -> bytes:
    """Encode a base-128 integer: seven bits a byte, the lowest first, the top bit for "more follows"."""
    encoded = bytearray()
    while rest := value >> 7:
        encoded.append(value & 0x7F | 0x80)
        value = rest
    encoded.append(value)
    return bytes(encoded)
