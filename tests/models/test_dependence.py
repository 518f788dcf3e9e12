"""Which inputs decide how much work there is, in graphs that ONNX's checker accepts."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from profiler.errors import UsageError
from profiler.models.dependence import Findings, follow_inputs
from profiler.models.graph_reading import read_graph
from profiler.models.wanted_inputs import example, wanted_inputs
from tests.workload.onnx_files import tensor, write, write_optional_input, write_sequence_input

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

INT, BOOL = TensorProto.INT64, TensorProto.BOOL
node = helper.make_node


def found(path: Path) -> Findings:
    return follow_inputs(read_graph(path))


def decided(path: Path) -> set[tuple[str, str]]:
    return {(dependence.input, dependence.operator) for dependence in found(path).dependences}


def body(
    nodes: Sequence[onnx.NodeProto], outputs: Sequence[onnx.ValueInfoProto], carried: str = ""
) -> onnx.GraphProto:
    inputs = [tensor("i", [], INT), tensor("go", [], BOOL)] if carried else []
    inputs += [tensor(carried, ["n"])] if carried else []
    return helper.make_graph(list(nodes), "body", inputs, list(outputs))


def loop(path: Path, condition: Sequence[onnx.NodeProto]) -> Path:
    """x is doubled n times, or as long as a condition made by these nodes holds."""
    inside = body(
        [*condition, node("Add", ["v", "v"], ["w"])], [tensor("stay", [], BOOL), tensor("w", ["n"])], "v"
    )
    return write(
        path,
        [node("Loop", ["count", "", "x"], ["y"], body=inside)],
        [tensor("count", [], INT), tensor("x", ["n"]), tensor("limit", [], TensorProto.FLOAT)],
        [tensor("y", ["n"])],
    )


def test_a_trip_count_decides(tmp_path: Path) -> None:
    assert decided(loop(tmp_path / "m.onnx", [node("Identity", ["go"], ["stay"])])) == {("count", "Loop")}


def test_a_condition_in_a_body_decides_with_what_it_is_compared_to(tmp_path: Path) -> None:
    """`limit` is an input of the outer graph; what is carried depends on x."""
    condition = [
        node("ReduceSum", ["v"], ["sum"], keepdims=0),
        node("Less", ["sum", "limit"], ["stay"]),
    ]
    assert decided(loop(tmp_path / "m.onnx", condition)) == {
        ("count", "Loop"), ("limit", "Loop"), ("x", "Loop"),
    }  # fmt: skip


def test_a_branch_is_decided_by_its_condition_alone(tmp_path: Path) -> None:
    branches = {
        f"{name}_branch": body([node(kind, ["x"], [name])], [tensor(name, ["n"])])
        for name, kind in (("then", "Relu"), ("else", "Neg"))
    }
    path = write(
        tmp_path / "m.onnx",
        [node("If", ["which"], ["y"], **branches)],
        [tensor("which", [], BOOL), tensor("x", ["n"])],
        [tensor("y", ["n"])],
    )
    assert decided(path) == {("which", "If")}


def test_lengths_found_and_sizes_given_decide_and_shapes_do_not(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.onnx",
        [
            node("NonZero", ["mask"], ["places"]),
            node("Shape", ["x"], ["shape"]),
            node("Expand", ["one", "shape"], ["plain"]),
            node("Expand", ["one", "size"], ["wide"]),
        ],
        [tensor("mask", ["n"], BOOL), tensor("x", ["n"]), tensor("size", [1], INT)],
        [tensor("places", [1, "k"], INT), tensor("plain", ["n"]), tensor("wide", ["w"])],
        [numpy_helper.from_array(np.ones(1, np.float32), "one")],
    )
    assert decided(path) == {("mask", "NonZero"), ("size", "Expand")}


def test_a_shape_that_a_value_decided_carries_it_on(tmp_path: Path) -> None:
    """How many there are of what NonZero finds becomes a trip count, far from it."""
    inside = body(
        [node("Identity", ["go"], ["stay"]), node("Add", ["v", "v"], ["w"])],
        [tensor("stay", [], BOOL), tensor("w", ["n"])],
        "v",
    )
    path = write(
        tmp_path / "m.onnx",
        [
            node("NonZero", ["mask"], ["places"]),
            node("Size", ["places"], ["count"]),
            node("Loop", ["count", "", "x"], ["y"], body=inside),
        ],
        [tensor("mask", ["m"], BOOL), tensor("x", ["n"])],
        [tensor("y", ["n"])],
    )
    assert decided(path) == {("mask", "NonZero"), ("mask", "Loop")}


def lookup(path: Path) -> Path:
    return write(
        path,
        [
            node("Cast", ["ids"], ["index"], to=INT),
            node("Gather", ["table", "index"], ["a"]),
            node("Gather", ["small", "index"], ["b"], axis=1),
        ],
        [tensor("ids", ["batch", "n"], TensorProto.INT32)],
        [tensor("a", ["batch", "n", 4]), tensor("b", [2, "batch", "n"])],
        [
            numpy_helper.from_array(np.zeros((1000, 4), np.float32), "table"),
            numpy_helper.from_array(np.zeros((2, 300), np.float32), "small"),
        ],
    )


def test_the_smallest_table_that_is_indexed_bounds_an_input(tmp_path: Path) -> None:
    assert found(lookup(tmp_path / "m.onnx")).rows == {"ids": 300}


def test_what_is_wanted_and_an_example(tmp_path: Path) -> None:
    path = lookup(tmp_path / "m.onnx")
    (ids,) = wanted_inputs(path)
    assert (ids.name, ids.type, ids.shape, ids.rows) == ("ids", "tensor(int32)", ("batch", "n"), 300)
    assert example("my model.onnx", [ids]) == (
        "ortprof record --model 'my model.onnx' --input 'ids=uniform(0,300)'"
    )


def test_types_are_named_as_onnxruntime_does(tmp_path: Path) -> None:
    kinds = [
        wanted_inputs(written(tmp_path / "m.onnx"))[0].type
        for written in (write_sequence_input, write_optional_input)
    ]
    assert kinds == ["seq(tensor(float))", "optional(tensor(float))"]


def test_weights_are_not_read(tmp_path: Path) -> None:
    """A file whose weights are not there yet: what counts is in front of them."""
    path = lookup(tmp_path / "m.onnx")
    graph = read_graph(path)
    assert graph.constants == {"table": (1000, 4), "small": (2, 300)}
    assert [declared.name for declared in graph.inputs] == ["ids"]


@pytest.mark.parametrize(
    "content", [b"", b"no model", b"\x3a\xff\xff\xff\x7f", b"\x08" + b"\xff" * 20, b"\x0a\x00"]
)
def test_what_is_no_model_is_an_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"m\.onnx is no ONNX model"):
        read_graph(path)


def test_the_example_for_a_sequence_writes_a_file_that_holds_it(tmp_path: Path) -> None:
    element = helper.make_tensor_type_proto(TensorProto.FLOAT, [None, 3])
    sequence = helper.make_value_info("q", helper.make_sequence_type_proto(element))
    path = tmp_path / "m.onnx"
    count = helper.make_tensor_value_info("n", TensorProto.INT64, [])
    graph = helper.make_graph([helper.make_node("SequenceLength", ["q"], ["n"])], "g", [sequence], [count])
    onnx.save(helper.make_model(graph), str(path))
    (wanted,) = wanted_inputs(path)
    assert wanted.shape_words == "tensors of ? x 3"
    write, record = example("m.onnx", [wanted]).split(" && ")
    assert record == "ortprof record --model m.onnx --inputs inputs.npz"
    subprocess.run([sys.executable, *shlex.split(write)[1:]], cwd=tmp_path, check=True)
    with np.load(tmp_path / "inputs.npz") as stored:
        assert {name: stored[name].shape for name in stored} == {"q/0": (8, 3)}
