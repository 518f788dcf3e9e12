"""The torch-free graph against torch's own export, with the real weights of all-MiniLM-L6-v2."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest

from profiler.errors import UsageError
from profiler.models.export import export
from profiler.models.origin import quiet_import
from profiler.models.prepare import prepare

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    from .support import Feed, RecordingProgress

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("minilm_folder")]

SHAPES = [(1, 1), (1, 10), (1, 128), (4, 16), (3, 512)]


@pytest.fixture(scope="module")
def with_classifier(minilm_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MiniLM with a classifier, so that both ways read the same one."""
    import torch  # noqa: PLC0415 (an optional package)

    torch.manual_seed(11)
    folder = tmp_path_factory.mktemp("minilm")
    model = quiet_import("transformers").AutoModelForSequenceClassification.from_pretrained(minilm_folder)
    torch.nn.init.normal_(model.classifier.weight)
    torch.nn.init.normal_(model.classifier.bias)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ours(with_classifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare("minilm", weights=str(with_classifier), cache_folder=tmp_path_factory.mktemp("cache")).path


@pytest.fixture(scope="module")
def theirs(with_classifier: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    return export(str(with_classifier), feature="sequence-classification", output=folder)


def run(path: Path, request: Feed, optimised: Path | None = None) -> npt.NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # it warns that an optimised model is for this machine only
    if optimised is not None:
        options.optimized_model_filepath = str(optimised)
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    logits: npt.NDArray[np.float32] = session.run(["logits"], request)[0]
    return logits


def feed(batch: int, length: int) -> Feed:
    generator = np.random.default_rng(5)
    lengths = generator.integers(1, length + 1, batch)
    return {
        "input_ids": generator.integers(0, 30522, (batch, length)),
        "attention_mask": (np.arange(length) < lengths[:, None]).astype(np.int64),
        "token_type_ids": generator.integers(0, 2, (batch, length)),
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_logits_agree(ours: Path, theirs: Path, shape: tuple[int, int]) -> None:
    request = feed(*shape)
    expected = run(theirs, request)
    assert expected.shape == (shape[0], 2)
    np.testing.assert_allclose(run(ours, request), expected, atol=1e-4, rtol=0)


def test_logits_agree_with_torch_itself(ours: Path, with_classifier: Path) -> None:
    import torch  # noqa: PLC0415 (an optional package)

    model = quiet_import("transformers").AutoModelForSequenceClassification.from_pretrained(with_classifier)
    request = feed(2, 24)
    with torch.no_grad():
        expected = model(
            **{name: torch.from_numpy(values) for name, values in request.items()}
        ).logits.numpy()
    np.testing.assert_allclose(run(ours, request), expected, atol=1e-4, rtol=0)


def operators(path: Path) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load(path, load_external_data=False).graph.node)


def test_the_graphs_have_the_same_operators(ours: Path, theirs: Path) -> None:
    assert operators(ours) == operators(theirs)


def test_the_nodes_have_the_same_names(ours: Path, theirs: Path) -> None:
    def names(path: Path) -> set[str]:
        return {node.name for node in onnx.load(path).graph.node if node.op_type != "Constant"}

    assert names(ours) == names(theirs)


def test_onnxruntime_optimises_both_alike(ours: Path, theirs: Path, tmp_path: Path) -> None:
    for path, name in ((ours, "ours"), (theirs, "theirs")):
        run(path, feed(1, 8), tmp_path / name)
    assert operators(tmp_path / "ours") == operators(tmp_path / "theirs")


def test_a_checkpoint_without_classifier_says_so(
    minilm_folder: Path, tmp_path: Path, progress: RecordingProgress
) -> None:
    model = prepare("minilm", weights=str(minilm_folder), cache_folder=tmp_path, progress=progress)
    assert model.weights == f"source {minilm_folder} (classifier synthetic)"
    assert progress.said == [f"{minilm_folder} has no classifier: that layer's weights are synthetic"]


def test_exporting_a_checkpoint_without_classifier_says_so(
    minilm_folder: Path, tmp_path: Path, progress: RecordingProgress
) -> None:
    path = export(str(minilm_folder), feature="sequence-classification", output=tmp_path, progress=progress)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name] == ["model.onnx"]
    assert progress.said == [
        f"{minilm_folder} lacks classifier.bias, classifier.weight: these weights are random"
    ]


def test_exporting_what_transformers_cannot_load_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "no such type"}')
    with pytest.raises(UsageError, match="can't be loaded as AutoModelForSequenceClassification"):
        export(str(tmp_path), feature="sequence-classification", output=tmp_path / "out")
