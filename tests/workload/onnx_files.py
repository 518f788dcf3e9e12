"""Tiny ONNX files, in an opset and IR version that ONNX Runtime 1.12 reads."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Shape = list[int | str]


def write(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    initializers: Sequence[onnx.TensorProto] = (),
) -> Path:
    graph = helper.make_graph(list(nodes), "tiny", list(inputs), list(outputs), list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def tensor(name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def write_small(path: Path) -> Path:
    """y = relu(x), of symbolic dimensions batch and tokens: microseconds a request."""
    return write(
        path,
        [helper.make_node("Relu", ["x"], ["y"])],
        [tensor("x", ["batch", "tokens"])],
        [tensor("y", ["batch", "tokens"])],
    )


def write_slow(path: Path) -> Path:
    """Four products of 512 x 512 matrices: 1.1 GFLOP, so milliseconds a request on any CPU."""
    weights = numpy_helper.from_array(np.full((512, 512), 1 / 512, np.float32), "weights")
    names = ["x", "a", "b", "c", "y"]
    products = [
        helper.make_node("MatMul", [before, "weights"], [after])
        for before, after in itertools.pairwise(names)
    ]
    return write(path, products, [tensor("x", [512, 512])], [tensor("y", [512, 512])], [weights])


def write_identities(path: Path, kinds: Sequence[int]) -> Path:
    """One input and output of each type."""
    nodes = [helper.make_node("Identity", [f"in{kind}"], [f"out{kind}"]) for kind in kinds]
    return write(
        path,
        nodes,
        [tensor(f"in{kind}", ["batch", 3], kind) for kind in kinds],
        [tensor(f"out{kind}", ["batch", 3], kind) for kind in kinds],
    )


def write_sequence_input(path: Path) -> Path:
    """An input of a type that nobody can make up: a sequence of tensors."""
    return write(
        path,
        [helper.make_node("SequenceLength", ["parts"], ["y"])],
        [helper.make_tensor_sequence_value_info("parts", TensorProto.FLOAT, ["n"])],
        [tensor("y", [], TensorProto.INT64)],
    )


def write_optional_input(path: Path) -> Path:
    """Says whether its only input, a tensor, was given."""
    kind = helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, ["n"]))
    node = helper.make_node("OptionalHasElement", ["part"], ["y"])
    graph = helper.make_graph(
        [node], "tiny", [helper.make_value_info("part", kind)], [tensor("y", [], TensorProto.BOOL)]
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 16)], ir_version=8), str(path))
    return path


def write_misfit(path: Path) -> Path:
    """A sum that opens, but fails when its two symbolic dimensions have different sizes."""
    return write(
        path,
        [helper.make_node("Add", ["x", "w"], ["y"])],
        [tensor("x", ["left"]), tensor("w", ["right"])],
        [tensor("y", ["out"])],
    )


def write_text_beside_bfloat16(path: Path, returned: int) -> Path:
    """Text as it is, and bfloat16 returned as another type or as it is."""
    return write(
        path,
        [helper.make_node("Identity", ["s"], ["t"]), helper.make_node("Cast", ["x"], ["y"], to=returned)],
        [tensor("s", [2], TensorProto.STRING), tensor("x", [2], TensorProto.BFLOAT16)],
        [tensor("t", [2], TensorProto.STRING), tensor("y", [2], returned)],
    )
