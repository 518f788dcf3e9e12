from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from safetensors.numpy import save_file

from profiler.errors import UsageError
from profiler.models.graph import Parameter
from profiler.models.weights import CheckpointWeights, SyntheticWeights

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

MATRIX = Parameter("bert.pooler.dense.weight", (200, 300), "normal")
NORM = Parameter("bert.embeddings.LayerNorm.weight", (4,), "ones")
SHIFT = Parameter("bert.embeddings.LayerNorm.bias", (4,), "zeros")
FOLDED = Parameter("bert.encoder.layer.0.output.dense.weight", (3, 2), "normal", transposed=True)
HEAD = Parameter("classifier.weight", (2, 4), "normal")

SYNTHETIC = SyntheticWeights("seed", 0.02)


def test_synthetic_weights_begin_as_bert_does() -> None:
    values = SYNTHETIC.read(MATRIX)
    assert values.dtype == np.float32
    assert values.std() == pytest.approx(0.02, rel=0.02)
    assert abs(values.mean()) < 0.001
    np.testing.assert_array_equal(SYNTHETIC.read(NORM), np.ones(4))
    np.testing.assert_array_equal(SYNTHETIC.read(SHIFT), np.zeros(4))


def test_synthetic_weights_depend_on_seed_and_name_alone() -> None:
    first = SYNTHETIC.read(MATRIX)
    SYNTHETIC.read(HEAD)
    np.testing.assert_array_equal(SYNTHETIC.read(MATRIX), first)
    assert not np.array_equal(SyntheticWeights("other", 0.02).read(MATRIX), first)
    assert not np.array_equal(SYNTHETIC.read(Parameter("other", MATRIX.shape, "normal")), first)


def checkpoint(
    path: Path, tensors: dict[str, npt.NDArray[np.generic]], *parameters: Parameter
) -> CheckpointWeights:
    save_file({name: np.asarray(values) for name, values in tensors.items()}, path)
    return CheckpointWeights(path, parameters, SYNTHETIC)


@pytest.mark.parametrize(
    "key",
    [
        "bert.embeddings.LayerNorm.weight",
        "embeddings.LayerNorm.weight",
        "bert.embeddings.LayerNorm.gamma",
        "embeddings.LayerNorm.gamma",
    ],
)
def test_every_spelling_of_a_name_is_found(tmp_path: Path, key: str) -> None:
    values = np.arange(4, dtype=np.float16)
    read = checkpoint(tmp_path / "model.safetensors", {key: values}, NORM).read(NORM)
    np.testing.assert_array_equal(read, values)
    assert read.dtype == np.float32


def test_matrices_of_layers_are_transposed(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    read = checkpoint(tmp_path / "model.safetensors", {FOLDED.name: values}, FOLDED).read(FOLDED)
    np.testing.assert_array_equal(read, values.T)
    assert read.flags.c_contiguous


def test_a_missing_classifier_is_synthetic(tmp_path: Path) -> None:
    weights = checkpoint(tmp_path / "model.safetensors", {NORM.name: np.ones(4)}, NORM, HEAD)
    assert weights.head_missing
    np.testing.assert_array_equal(weights.read(HEAD), SYNTHETIC.read(HEAD))


def test_a_present_classifier_is_read(tmp_path: Path) -> None:
    weights = checkpoint(tmp_path / "model.safetensors", {HEAD.name: np.ones((2, 4))}, HEAD)
    assert not weights.head_missing
    np.testing.assert_array_equal(weights.read(HEAD), np.ones((2, 4)))


def test_an_incomplete_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"model\.safetensors lacks bert\.pooler\.dense\.weight and 1 more"):
        checkpoint(tmp_path / "model.safetensors", {"unrelated": np.ones(1)}, MATRIX, NORM)


def test_a_wrong_shape_is_refused(tmp_path: Path) -> None:
    weights = checkpoint(tmp_path / "model.safetensors", {FOLDED.name: np.ones((3, 2))}, FOLDED)
    with pytest.raises(UsageError, match=r"has shape \(3, 2\), the model wants \(2, 3\)"):
        weights.read(FOLDED)


def test_a_type_without_numpy_counterpart_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    header = json.dumps({NORM.name: {"dtype": "F8_E8M0", "shape": [4], "data_offsets": [0, 4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    with pytest.raises(UsageError, match="can't be read") as caught:
        CheckpointWeights(path, (NORM,), SYNTHETIC).read(NORM)
    assert "float32" in (caught.value.hint or "")


@pytest.mark.parametrize("content", [b"", b"no safetensors at all", (1 << 60).to_bytes(8, "little") + b"{}"])
def test_what_is_no_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no readable safetensors file"):
        CheckpointWeights(path, (NORM,), SYNTHETIC)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no model\.safetensors"):
        CheckpointWeights(tmp_path / "model.safetensors", (NORM,), SYNTHETIC)
