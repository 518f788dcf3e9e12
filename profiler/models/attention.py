"""BERT's attention mask and self-attention, operator for operator as torch exports them (see `bert`).

Shapes in comments: B batch, S sequence, H heads, D size of a head, E hidden size (H * D).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from onnx import TensorProto

if TYPE_CHECKING:
    from profiler.models.graph import GraphBuilder


@dataclass(frozen=True, slots=True)
class Sizes:
    """Names of the int64 scalars that hold the lengths of a request."""

    batch: str
    sequence: str


def size(graph: GraphBuilder, tensor: str, axis: int) -> str:
    """Add what reads one length of a tensor: an int64 scalar."""
    return graph.op("Gather", graph.op("Shape", tensor), graph.scalar(axis), axis=0)


def shape(graph: GraphBuilder, *lengths: str | int) -> str:
    """Add what puts a shape together from scalars' names and fixed lengths: an int64 vector."""
    # The exporter emits every Unsqueeze before the constants that join it.
    parts = [graph.op("Unsqueeze", x, graph.vector(0)) if isinstance(x, str) else x for x in lengths]
    return graph.op("Concat", *(x if isinstance(x, str) else graph.vector(x) for x in parts), axis=0)


def attention_mask(graph: GraphBuilder, hidden: str, mask: str) -> tuple[str, Sizes]:
    """Add the mask that every layer shares: bool [B, 1, S, S], true where attention may go.

    Transformers makes it by evaluating a predicate on index grids, hence this long way to a broadcast.
    `hidden` is the embeddings' output [B, S, E], `mask` the request's attention mask, int64 [B, S].
    """
    allowed = graph.op("Cast", mask, to=TensorProto.BOOL)
    sequence = size(graph, hidden, 1)
    keys = size(graph, allowed, 1)
    batch = size(graph, hidden, 0)

    lengths = (batch, sequence, keys)
    ranges = [
        graph.op("Range", graph.scalar(0), graph.op("Cast", length, to=TensorProto.INT64), graph.scalar(1))
        for length in lengths
    ]
    batch_index = _spread(graph, ranges[0], 1, 2, 3)  # [B, 1, 1, 1]
    query_index = _spread(graph, ranges[1], 0, 1, 3)  # [1, 1, S, 1]
    key_index = _spread(graph, ranges[2], 0, 1, 2)  # [1, 1, 1, S]

    everything = graph.tensor_op(
        "ConstantOfShape", graph.constant(np.array([], np.int64)), value=np.array([True])
    )
    not_negative = graph.op("GreaterOrEqual", query_index, graph.scalar(0))
    bidirectional = graph.op("And", everything, graph.op("Cast", not_negative, to=TensorProto.BOOL))

    # allowed[batch_index, key_index], by way of one flat index.
    row = graph.op("Gather", graph.op("Shape", allowed), graph.vector(1), axis=0)
    flat = graph.op("Flatten", allowed, axis=2)
    index = graph.op("Add", key_index, graph.op("Mul", batch_index, row))
    picked = graph.op("Gather", flat, index, axis=0)
    index_shape = graph.op("Shape", index)
    picked = graph.op("Reshape", picked, graph.vector(-1))
    picked = graph.op("Reshape", picked, graph.op("Concat", index_shape, axis=0))
    padding = graph.op("And", bidirectional, graph.op("Cast", picked, to=TensorProto.BOOL))  # [B, 1, 1, S]

    # expand(batch, -1, sequence, keys), in which -1 keeps a length.
    target = graph.op("Reshape", shape(graph, batch, -1, sequence, keys), graph.vector(-1))
    ones = graph.tensor_op("ConstantOfShape", graph.op("Shape", target), value=np.array([1], np.int64))
    keeps = graph.op("Equal", target, graph.op("Mul", ones, graph.scalar(-1)))
    expanded = graph.op("Expand", padding, graph.op("Where", keeps, ones, target))
    return expanded, Sizes(batch, sequence)


def self_attention(
    graph: GraphBuilder, hidden: str, mask: str, sizes: Sizes | None, *, heads: int, hidden_size: int
) -> str:
    """Add scaled dot-product attention up to, not including, its output layer: [B, S, E] to [B, S, E].

    `sizes` are those that the mask was made with, which the exporter shares with the first layer; later
    layers read them anew from their own input.
    """
    head_size = hidden_size // heads
    if sizes is None:
        sizes = Sizes(size(graph, hidden, 0), size(graph, hidden, 1))
    projected = {
        name: linear(graph, name, hidden, hidden_size, hidden_size) for name in ("query", "key", "value")
    }
    split = {
        name: graph.op("Reshape", tensor, shape(graph, sizes.batch, sizes.sequence, -1, head_size))
        for name, tensor in projected.items()
    }
    query = graph.op("Transpose", split["query"], perm=(0, 2, 1, 3))  # [B, H, S, D]
    value = graph.op("Transpose", split["value"], perm=(0, 2, 1, 3))
    query_length = size(graph, query, 2)
    key = graph.op("Transpose", split["key"], perm=(0, 2, 3, 1))  # [B, H, D, S]

    # 1/sqrt(D) in halves, on either side of the product.
    scale = math.sqrt(1 / math.sqrt(head_size))
    query = graph.op("Mul", query, graph.scalar(scale))
    key = graph.op("Mul", key, graph.scalar(scale))
    scores = graph.op("MatMul", query, key)  # [B, H, S, S]
    bias = graph.op("Where", mask, graph.vector(0.0), graph.vector(-math.inf))
    weights = graph.op("Softmax", graph.op("Add", scores, bias), axis=-1)
    # A row that may attend to nothing is a softmax over -inf: NaN, which becomes 0.
    nothing = graph.op("IsNaN", weights)
    context = graph.op(
        "MatMul", graph.op("Where", nothing, graph.vector(0.0), weights), value
    )  # [B, H, S, D]

    # A reshape to its own shape, which the exporter leaves in place.
    lengths = size(graph, context, 0), -1, query_length, size(graph, value, 3)
    context = graph.op("Reshape", context, shape(graph, *lengths))
    context = graph.op("Transpose", context, perm=(0, 2, 1, 3))
    return graph.op("Reshape", context, shape(graph, sizes.batch, sizes.sequence, -1))


def linear(graph: GraphBuilder, module: str, inputs: str, in_size: int, out_size: int) -> str:
    """Add a torch `Linear` on [B, S, in]: a MatMul by the folded transpose of its weight, then the bias."""
    with graph.scope(module):
        product = graph.op("MatMul", inputs, graph.parameter("weight", in_size, out_size, transposed=True))
        # The bias comes first, as the exporter has it: ORT's fusions look at the order.
        return graph.op("Add", graph.parameter("bias", out_size, initial="zeros"), product)


def _spread(graph: GraphBuilder, vector: str, *axes: int) -> str:
    """Add one Unsqueeze an axis."""
    for axis in axes:
        vector = graph.op("Unsqueeze", vector, graph.vector(axis))
    return vector
