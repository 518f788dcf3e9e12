from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from profiler.workload.inputs import NUMPY_TYPES, InputError, make_inputs, shape_of, values_for

from . import onnx_files

if TYPE_CHECKING:
    from pathlib import Path

# What ONNX Runtime takes from numpy arrays.
FEEDABLE = [
    TensorProto.BOOL, TensorProto.DOUBLE, TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT8,
    TensorProto.INT16, TensorProto.INT32, TensorProto.INT64, TensorProto.STRING, TensorProto.UINT8,
    TensorProto.UINT16, TensorProto.UINT32, TensorProto.UINT64,
]  # fmt: skip


@dataclass
class Node:
    """An input as ONNX Runtime's `NodeArg` declares it."""

    name: str
    type: str
    shape: list[int | str | None]


def session(model: Path) -> Any:
    return onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("declared", "sizes"),
    [
        (["batch", "tokens"], [2, 7]),
        ([None, None, None], [2, 7, 7]),
        (["n", 3, "height"], [2, 3, 7]),
        (["sequence", "Batch_size"], [2, 2]),  # the first dimension, and the one that says so
        ([], []),
        ([0, 5], [0, 5]),
        ([-1, -1], [2, 7]),  # how old exporters wrote an unknown size
        (["special", "x", "special"], [9, 7, 9]),
        (["batch", "tokens", "special"], [2, 7, 9]),
    ],
)
def test_symbolic_dimensions_take_their_sizes(declared: list[int | str | None], sizes: list[int]) -> None:
    assert shape_of(declared, batch=2, tokens=7, dims={"special": 9}) == sizes


@given(
    st.lists(st.integers(-3, 9) | st.text(max_size=3) | st.none()),
    st.integers(1, 9),
    st.integers(1, 9),
    st.dictionaries(st.text(max_size=3), st.integers(1, 9)),
)
def test_any_declared_shape_gets_whole_sizes(
    declared: list[int | str | None], batch: int, tokens: int, dims: dict[str, int]
) -> None:
    sizes = shape_of(declared, batch, tokens, dims)
    assert len(sizes) == len(declared)
    for want, size in zip(declared, sizes, strict=True):
        if isinstance(want, int) and want >= 0:
            assert size == want
        elif isinstance(want, str) and want in dims:
            assert size == dims[want]
        else:
            assert size in (batch, tokens)


def test_onnxruntime_takes_what_is_made_for_every_type(tmp_path: Path) -> None:
    model = session(onnx_files.write_identities(tmp_path / "m.onnx", FEEDABLE))
    assert {node.type for node in model.get_inputs()} == {*NUMPY_TYPES, "tensor(string)"}
    feed = make_inputs(model.get_inputs(), batch=2, tokens=5, dims={}, seed=0)
    for made, returned in zip(feed.values(), model.run(None, feed), strict=True):
        assert made.shape == (2, 3)
        assert np.array_equal(made, returned)


def test_a_type_without_a_numpy_type_is_an_error_that_names_the_input(tmp_path: Path) -> None:
    model = session(onnx_files.write_identities(tmp_path / "m.onnx", [TensorProto.BFLOAT16]))
    with pytest.raises(
        InputError, match=r"^input 'in16' has type tensor\(bfloat16\), which can't be made up$"
    ):
        make_inputs(model.get_inputs(), batch=1, tokens=1, dims={}, seed=0)


def test_a_sequence_is_an_error_that_names_the_input(tmp_path: Path) -> None:
    model = session(onnx_files.write_sequence_input(tmp_path / "m.onnx"))
    with pytest.raises(InputError, match=r"^input 'parts' has type seq\(tensor\(float\)\)"):
        make_inputs(model.get_inputs(), batch=1, tokens=1, dims={}, seed=0)


@pytest.mark.parametrize("kind", ["tensor(int64)", "tensor(float)", "tensor(bool)"])
def test_masks_hide_nothing(kind: str) -> None:
    values = values_for("Attention_Mask", kind, [2, 50], np.random.default_rng(0))
    assert values.dtype == NUMPY_TYPES[kind]
    assert np.all(values == 1)


@pytest.mark.parametrize("kind", sorted(kind for kind in NUMPY_TYPES if "int" in kind))
def test_integers_are_indices_that_every_table_has(kind: str) -> None:
    values = values_for("input_ids", kind, [2, 50], np.random.default_rng(0))
    assert set(values.ravel().tolist()) == {0, 1}


@pytest.mark.parametrize("kind", ["tensor(float16)", "tensor(float)", "tensor(double)"])
def test_floats_are_standard_normal(kind: str) -> None:
    values = values_for("x", kind, [100, 100], np.random.default_rng(0)).astype(np.float64)
    assert abs(values.mean()) < 0.05
    assert values.std() == pytest.approx(1, abs=0.05)


def test_the_seed_decides_the_values() -> None:
    declared = [Node("a", "tensor(float)", ["batch", 4]), Node("b", "tensor(float)", ["batch", 4])]
    one, same, other = (make_inputs(declared, 1, 1, {}, seed) for seed in (1, 1, 2))
    assert np.array_equal(one["a"], same["a"])
    assert not np.array_equal(one["a"], other["a"])
    assert not np.array_equal(one["a"], one["b"])


def test_a_size_for_a_dimension_that_no_input_has_is_an_error_that_lists_them() -> None:
    declared = [Node("a", "tensor(float)", ["batch", "width"]), Node("b", "tensor(float)", [3, None])]
    with pytest.raises(InputError) as caught:
        make_inputs(declared, 1, 1, {"widht": 3}, 0)
    assert str(caught.value) == "no input has a dimension 'widht'; symbolic dimensions: batch, width"
    with pytest.raises(InputError, match=r"symbolic dimensions: none$"):
        make_inputs(declared[1:], 1, 1, {"width": 3}, 0)
