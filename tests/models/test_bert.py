from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest

from profiler.models.prepare import prepare
from profiler.models.shipped import CATALOGUE

from .reference import logits
from .support import write_checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.models.bert import BertGraph

    from .support import Feed, Tensors

TINY = CATALOGUE["tiny"].config


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, tiny_graph: BertGraph) -> tuple[Path, Tensors]:
    folder = tmp_path_factory.mktemp("checkpoint")
    return folder, write_checkpoint(folder, tiny_graph)


@pytest.fixture(scope="module")
def model(checkpoint: tuple[Path, Tensors], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare("tiny", weights=str(checkpoint[0]), cache_folder=tmp_path_factory.mktemp("cache")).path


@pytest.fixture(scope="module")
def session(model: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def feed(batch: int, length: int, *, padding: int = 0) -> Feed:
    generator = np.random.default_rng(3)
    mask = np.ones((batch, length), np.int64)
    if padding:
        mask[-1, -padding:] = 0
    return {
        "input_ids": generator.integers(0, TINY.vocab_size, (batch, length)),
        "attention_mask": mask,
        "token_type_ids": generator.integers(0, 2, (batch, length)),
    }


@pytest.mark.parametrize(("batch", "length", "padding"), [(1, 1, 0), (1, 10, 3), (3, 7, 5), (2, 512, 100)])
def test_logits_are_those_of_a_plain_bert(
    session: onnxruntime.InferenceSession,
    checkpoint: tuple[Path, Tensors],
    batch: int,
    length: int,
    padding: int,
) -> None:
    request = feed(batch, length, padding=padding)
    expected = logits(checkpoint[1], request, layers=TINY.num_hidden_layers, heads=TINY.num_attention_heads)
    (actual,) = session.run(["logits"], request)
    np.testing.assert_allclose(actual, expected, atol=1e-4)
    assert actual.shape == (batch, TINY.num_labels)


def test_padding_has_no_influence(session: onnxruntime.InferenceSession) -> None:
    request = feed(1, 12, padding=4)
    changed = {**request, "input_ids": request["input_ids"].copy()}
    changed["input_ids"][0, -4:] = 17
    np.testing.assert_allclose(session.run(None, request)[0], session.run(None, changed)[0], atol=1e-6)


def test_a_request_that_is_all_padding_gives_numbers(session: onnxruntime.InferenceSession) -> None:
    request = feed(1, 4)
    request["attention_mask"][:] = 0
    assert np.isfinite(session.run(None, request)[0]).all()


def test_the_file_is_valid_and_old_runtimes_can_load_it(model: Path) -> None:
    onnx.checker.check_model(model, full_check=True)
    loaded = onnx.load(model)
    assert loaded.ir_version <= 8
    assert [(opset.domain, opset.version) for opset in loaded.opset_import] == [("", 14)]


def test_every_catalogue_parameter_is_in_the_graph(tiny_graph: BertGraph) -> None:
    assert sum(math.prod(parameter.shape) for parameter in tiny_graph.parameters) == TINY.parameters
    used = {name for node in tiny_graph.model.graph.node for name in node.input}
    assert {parameter.name for parameter in tiny_graph.parameters} <= used


def test_onnxruntime_fuses_the_spelled_out_operators(model: Path, tmp_path: Path) -> None:
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 3  # it warns that such a file is for this machine only
    onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    operators = [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]
    assert "Erf" not in operators
    assert "ReduceMean" not in operators
