from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from profiler.workload.elements import InputError
from profiler.workload.feeds import Feeds
from profiler.workload.inputs import NUMPY_TYPES, shape_of, values_for
from profiler.workload.session import inference

from . import onnx_files
from .client import session as asked

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


def feed(declared: list[Any], **changes: Any) -> dict[str, Any]:
    """The one set of inputs that is made for these changes to a session's command."""
    (only,) = Feeds(declared, asked(Path("model.onnx"), **{"batch": 2, "tokens": 5, **changes})).sets
    return only


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
    fed = feed(model.get_inputs())
    for made, returned in zip(fed.values(), model.run(None, fed), strict=True):
        assert made.shape == (2, 3)
        assert np.array_equal(made, returned)


def test_a_type_that_numpy_cant_hold_is_an_error_that_names_the_input() -> None:
    with pytest.raises(
        InputError, match=r"^input 'x' has type tensor\(float8e4m3fn\), which can't be made up$"
    ):
        feed([Node("x", "tensor(float8e4m3fn)", [1])])


def test_a_sequence_is_an_error_that_names_the_input(tmp_path: Path) -> None:
    model = session(onnx_files.write_sequence_input(tmp_path / "m.onnx"))
    with pytest.raises(InputError, match=r"^input 'parts' has type seq\(tensor\(float\)\)"):
        feed(model.get_inputs())


@pytest.mark.parametrize("kind", ["tensor(int64)", "tensor(float)", "tensor(bool)"])
def test_masks_hide_nothing(kind: str) -> None:
    values, words = values_for("Attention_Mask", kind, [2, 50], np.random.default_rng(0))
    assert words == "made up: ones"
    assert values.dtype == NUMPY_TYPES[kind]
    assert np.all(values == 1)


@pytest.mark.parametrize("kind", sorted(kind for kind in NUMPY_TYPES if "int" in kind))
def test_integers_are_indices_that_every_table_has(kind: str) -> None:
    values, words = values_for("input_ids", kind, [2, 50], np.random.default_rng(0))
    assert words == "made up: 0 or 1"
    assert set(values.ravel().tolist()) == {0, 1}


@pytest.mark.parametrize("kind", ["tensor(float16)", "tensor(float)", "tensor(double)"])
def test_floats_are_standard_normal(kind: str) -> None:
    values = values_for("x", kind, [100, 100], np.random.default_rng(0))[0].astype(np.float64)
    assert abs(values.mean()) < 0.05
    assert values.std() == pytest.approx(1, abs=0.05)


def test_the_seed_decides_the_values() -> None:
    declared = [Node("a", "tensor(float)", ["batch", 4]), Node("b", "tensor(float)", ["batch", 4])]
    one, same, other = (feed(declared, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one["a"], same["a"])
    assert not np.array_equal(one["a"], other["a"])
    assert not np.array_equal(one["a"], one["b"])


def test_a_size_for_a_dimension_that_no_input_has_is_an_error_that_lists_them() -> None:
    declared = [Node("a", "tensor(float)", ["batch", "width"]), Node("b", "tensor(float)", [3, None])]
    with pytest.raises(InputError) as caught:
        feed(declared, dims={"widht": 3})
    assert str(caught.value) == "no input has a dimension 'widht'; symbolic dimensions: batch, width"
    with pytest.raises(InputError, match=r"symbolic dimensions: none$"):
        feed(declared[1:], dims={"width": 3})


DISTRIBUTIONS = [
    ("tensor(int64)", ["uniform", 3.0, 7.0], {3, 4, 5, 6}, "uniform(3, 7)"),
    ("tensor(uint8)", ["constant", 9.0], {9}, "constant(9)"),
    ("tensor(bool)", ["uniform", 0.0, 2.0], {False, True}, "uniform(0, 2)"),
    ("tensor(int8)", ["normal", 200.0, 1.0], {127}, "normal(200, 1)"),
]


@pytest.mark.parametrize(("kind", "given", "values", "words"), DISTRIBUTIONS)
def test_named_distributions_are_drawn_from(
    kind: str, given: list[Any], values: set[Any], words: str
) -> None:
    made, said = values_for("mask", kind, [50, 50], np.random.default_rng(0), given)
    assert set(made.ravel().tolist()) == values
    assert made.dtype == NUMPY_TYPES[kind]
    assert said == words


def test_floats_are_drawn_between_their_bounds() -> None:
    made, _ = values_for("x", "tensor(float)", [100, 100], np.random.default_rng(0), ["uniform", -2, 6])
    assert -2 <= made.min() < -1.9
    assert 5.9 < made.max() < 6
    assert made.mean() == pytest.approx(2, abs=0.1)


def test_a_bound_that_a_type_cant_hold_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^input 'x' has type tensor\(int8\): 300 does not fit$"):
        feed([Node("x", "tensor(int8)", [4])], named={"x": ["uniform", 0, 300]})


def test_an_input_that_the_model_does_not_have_is_an_error_that_lists_them() -> None:
    with pytest.raises(InputError, match=r"^the model has no input 'idz'; it has ids, mask$"):
        feed(
            [Node("ids", "tensor(int64)", [4]), Node("mask", "tensor(int64)", [4])],
            named={"idz": ["constant", 1]},
        )


def test_rank_0_is_one_value() -> None:
    made = feed([Node("x", "tensor(int64)", [])], named={"x": ["constant", 5]})
    assert made["x"].shape == ()
    assert made["x"] == 5


def test_bfloat16_is_rounded_to_the_nearest_and_runs(tmp_path: Path) -> None:
    model = session(onnx_files.write_identities(tmp_path / "m.onnx", [TensorProto.BFLOAT16]))
    feeds = Feeds(model.get_inputs(), asked(Path("m"), batch=2, seed=3))
    floats = np.random.default_rng(3).standard_normal((2, 3))
    assert np.array_equal(feeds.sets[0]["in16"], floats.astype(ml_dtypes.bfloat16).view(np.uint16))
    (returned,) = inference(onnxruntime, model, feeds.sets)(0)
    assert (returned.data_type(), returned.shape()) == ("tensor(bfloat16)", [2, 3])


def test_text_is_fed_beside_bfloat16_where_none_comes_back(tmp_path: Path) -> None:
    model = session(onnx_files.write_text_beside_bfloat16(tmp_path / "m.onnx", TensorProto.FLOAT))
    text, floats = inference(onnxruntime, model, Feeds(model.get_inputs(), asked(Path("m"))).sets)(0)
    assert (list(text), floats.dtype) == (["ortprof"] * 2, np.float32)
    both = session(onnx_files.write_text_beside_bfloat16(tmp_path / "b.onnx", TensorProto.BFLOAT16))
    with pytest.raises(InputError, match=r"^input 's' is tensor\(string\), which ONNX Runtime's Python API"):
        inference(onnxruntime, both, Feeds(both.get_inputs(), asked(Path("m"))).sets)


def test_a_sequence_is_not_made_up_and_the_error_says_how_to_give_it() -> None:
    with pytest.raises(InputError, match=r"can't be made up: --inputs FILE.npz gives it as 'q/0' ...$"):
        feed([Node("q", "seq(tensor(float))", [])])


def test_an_optional_input_is_left_out(tmp_path: Path) -> None:
    model = session(onnx_files.write_optional_input(tmp_path / "m.onnx"))
    feeds = Feeds(model.get_inputs(), asked(Path("m")))
    assert inference(onnxruntime, model, feeds.sets)(0) == [np.array(False)]
    assert feeds.described()["tensors"][0]["source"] == "made up: left out"


def test_lengths_are_drawn_from_the_range_by_the_seed() -> None:
    declared = [Node("ids", "tensor(int64)", ["batch", "tokens"])]
    lengths = [
        [fed["ids"].shape[1] for fed in Feeds(declared, asked(Path("m"), most_tokens=9, seed=seed)).sets]
        for seed in (1, 1, 2)
    ]
    assert set(lengths[0]) == {4, 5, 6, 7, 8, 9}
    assert lengths[0] == lengths[1] != lengths[2]
    assert len(lengths[0]) == 256


def test_large_inputs_have_fewer_sets() -> None:
    declared = [Node("x", "tensor(bool)", ["batch", 1 << 20, "tokens"])]
    sets = Feeds(declared, asked(Path("m"), tokens=100, most_tokens=101)).sets
    assert len(sets) == 2


def test_the_hash_tells_values_shapes_types_and_names_apart() -> None:
    kinds = [
        Node("x", "tensor(int64)", [2, 2]),
        Node("x", "tensor(int64)", [4]),
        Node("x", "tensor(uint64)", [4]),
        Node("y", "tensor(int64)", [4]),
    ]

    def hashed(node: Node, value: int) -> str:
        fed = Feeds([node], asked(Path("m"), named={node.name: ["constant", value]}))
        return str(fed.described()["sha256"])

    assert len({*(hashed(node, 1) for node in kinds), hashed(kinds[0], 2)}) == 5
    assert hashed(kinds[0], 1) == hashed(kinds[0], 1)


def written(tmp_path: Path, **arrays: Any) -> str:
    np.savez(tmp_path / "inputs.npz", **arrays)
    return str(tmp_path / "inputs.npz")


def test_files_are_fed_and_the_rest_is_made_up(tmp_path: Path) -> None:
    declared = [Node("ids", "tensor(int64)", ["b", "t"]), Node("mask", "tensor(bool)", ["b", "t"])]
    files = written(tmp_path, a=np.arange(6).reshape(2, 3), b=np.arange(4).reshape(1, 4))
    feeds = Feeds(declared, asked(Path("m"), files=files, sets=[{"ids": "a"}, {"ids": "b"}]))
    assert [fed["ids"].tolist() for fed in feeds.sets] == [[[0, 1, 2], [3, 4, 5]], [[0, 1, 2, 3]]]
    assert [tensor["source"] for tensor in feeds.described()["tensors"]] == ["file", "made up: ones"]


def test_text_and_sequences_come_from_files(tmp_path: Path) -> None:
    declared = [Node("text", "tensor(string)", ["n"]), Node("parts", "seq(tensor(float))", [])]
    parts = [np.zeros(2, np.float32), np.ones((1, 2), np.float32)]
    files = written(tmp_path, t=np.array(["a", "bc"]), p0=parts[0], p1=parts[1])
    (fed,) = Feeds(declared, asked(Path("m"), files=files, sets=[{"text": "t", "parts": ["p0", "p1"]}])).sets
    assert fed["text"].dtype == object
    assert fed["text"].tolist() == ["a", "bc"]
    assert [part.tolist() for part in fed["parts"]] == [part.tolist() for part in parts]


@pytest.mark.parametrize(
    ("declared", "array", "words"),
    [
        (Node("x", "tensor(int64)", ["n"]), np.zeros(2), r"'x' is tensor\(int64\), the file's is float64"),
        (
            Node("x", "tensor(double)", ["n", 3]),
            np.zeros((2, 2)),
            r"shape \['n', 3\], the file's is \[2, 2\]",
        ),
        (Node("x", "tensor(double)", ["n"]), np.zeros((2, 2)), "the file's is"),
    ],
)
def test_a_files_array_that_does_not_fit_is_an_error(
    declared: Node, array: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        feed([declared], files=written(tmp_path, x=array), sets=[{"x": "x"}])
