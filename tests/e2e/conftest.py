from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder records for real."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Matrix products that are large enough for ONNX Runtime to use its pool, a few milliseconds each."""
    size, layers = 512, 8
    weights = np.random.default_rng(0).standard_normal((size, size)).astype(np.float32) / size
    nodes = []
    for layer in range(layers):
        nodes.append(helper.make_node("MatMul", [f"x{layer}", "w"], [f"m{layer}"]))
        nodes.append(helper.make_node("Tanh", [f"m{layer}"], [f"x{layer + 1}"]))
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x0", TensorProto.FLOAT, ["batch", "tokens", size])],
        [helper.make_tensor_value_info(f"x{layers}", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)
    path = tmp_path_factory.mktemp("model") / "small.onnx"
    onnx.save(model, path)
    return path
