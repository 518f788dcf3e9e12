from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import onnx
import pytest
from onnx import numpy_helper

from profiler.errors import UsageError
from profiler.models.model_cache import PreparedModel
from profiler.models.prepare import prepare, resolve

from .support import write_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from profiler.models.bert import BertGraph

    from .support import RecordingProgress


def classifier(path: Path) -> npt.NDArray[np.float32]:
    graph = onnx.load(path).graph
    return next(numpy_helper.to_array(t) for t in graph.initializer if t.name == "classifier.weight")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_model_is_built_once_then_found(folder: Path, progress: RecordingProgress) -> None:
    first = resolve("tiny", cache_folder=folder, progress=progress)
    assert first == PreparedModel(folder / "tiny.onnx", "tiny", "synthetic", 2_090_690)
    assert resolve("tiny", cache_folder=folder, progress=progress) == first
    assert prepare("tiny", cache_folder=folder, progress=progress) == first
    assert len(progress.started) == 1
    assert progress.said == []


def test_two_builds_are_the_same_bytes(tmp_path: Path) -> None:
    one, two = (prepare("tiny", cache_folder=tmp_path / name).path.read_bytes() for name in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("get", [prepare, resolve])
def test_a_damaged_model_is_built_anew_with_a_message(
    folder: Path, progress: RecordingProgress, get: Callable[..., PreparedModel]
) -> None:
    path = prepare("tiny", cache_folder=folder).path
    sound = path.read_bytes()
    path.write_bytes(b"\0" * 4096 + sound[4096:])
    get("tiny", cache_folder=folder, progress=progress)
    assert path.read_bytes() == sound
    assert progress.said == ["the cached tiny is damaged (its checksum differs): building it anew"]


def test_a_damaged_model_keeps_its_source(
    folder: Path, progress: RecordingProgress, tmp_path: Path, tiny_graph: BertGraph
) -> None:
    tensors = write_checkpoint(tmp_path / "checkpoint", tiny_graph)
    path = prepare("tiny", weights=str(tmp_path / "checkpoint"), cache_folder=folder).path
    path.write_bytes(b"")
    model = resolve("tiny", cache_folder=folder, progress=progress)
    assert model.weights == f"source {tmp_path / 'checkpoint'}"
    assert (classifier(path) == tensors["classifier.weight"]).all()
    assert len(progress.said) == 1


def test_resolve_gives_what_was_prepared_last(folder: Path, tmp_path: Path, tiny_graph: BertGraph) -> None:
    write_checkpoint(tmp_path / "checkpoint", tiny_graph)
    sourced = prepare("tiny", weights=str(tmp_path / "checkpoint"), cache_folder=folder)
    assert resolve("tiny", cache_folder=folder) == sourced
    assert prepare("tiny", cache_folder=folder).weights == "synthetic"
    assert resolve("tiny", cache_folder=folder).weights == "synthetic"


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({"hidden_size": 128, "hidden_act": "relu"}, "hidden_size 128, not 64, hidden_act relu, not gelu"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type relative_key, not absolute"),
        ({"is_decoder": True}, "is_decoder True, not False"),
    ],
)
def test_another_architecture_is_refused(
    folder: Path, tmp_path: Path, tiny_graph: BertGraph, changes: dict[str, object], differing: str
) -> None:
    write_checkpoint(tmp_path, tiny_graph, changes=changes)
    with pytest.raises(UsageError, match=rf"is no tiny: {differing}$"):
        prepare("tiny", weights=str(tmp_path), cache_folder=folder)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"model_type": "roberta", "hidden_size": "huge"}', "of type roberta, not a bert"),
        ("{}", "of type None, not a bert"),
        ("[]", "is no configuration of a BERT: Expected `object`"),
        ("{", "is no configuration of a BERT: Input data was truncated"),
        ('{"model_type": "bert", "hidden_size": "64"}', r"Expected `int`, got `str` - at `\$.hidden_size`"),
        ('{"model_type": "bert"}', "no tiny: num_hidden_layers 12, not 2, hidden_size 768, not 64"),
    ],
)
def test_another_kind_of_model_is_refused(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(UsageError, match=message):
        prepare("tiny", weights=str(tmp_path), cache_folder=folder)


def test_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "my model.onnx"
    path.write_bytes(b"")
    assert resolve(str(path)) == PreparedModel(path, "my model", "file", None)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("absent.onnx", "there is no file absent.onnx"),
        ("no/where", "there is no file no/where"),
        (".", r"\. is a folder, not a model"),
        ("minlm", "no model is called 'minlm'"),
    ],
)
def test_what_is_no_model_is_refused(model: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        resolve(model)
    assert caught.value.hint


def test_a_cached_model_needs_neither_numpy_nor_onnx(folder: Path) -> None:
    prepare("tiny", cache_folder=folder)
    code = (
        "import sys, pathlib\nfrom profiler.models.prepare import resolve\n"
        "resolve('tiny', cache_folder=pathlib.Path(sys.argv[1]))\n"
        "print([m for m in ('numpy', 'onnx', 'transformers', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_building_prints_nothing(folder: Path) -> None:
    code = (
        "import sys, pathlib\nfrom profiler.models.prepare import prepare\n"
        "prepare('tiny', cache_folder=pathlib.Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
