"""Profile a tiny model with several ONNX Runtimes and rewrite the golden files beside this script.

`python -m tests.data.ort.refresh`. The environments are those of the accuracy suite, made where they are
missing. What names a process (its id, those of threads) is as ONNX Runtime wrote it: it means nothing
elsewhere.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from profiler import process
from tests.accuracy.wheels import STRIPPED, WITH_SYMBOLS, Wheel, environment

HERE = Path(__file__).parent
WHEELS = (WITH_SYMBOLS, *(wheel for wheel in STRIPPED if wheel.version in {"1.20.1", "1.32.0"}))
SIZE = 96
RUNS = 3
SECONDS = 120.0
QUOTED = 'a "quoted" \\ name'
"""Of a node: versions that do not escape it write a line that is no JSON."""

PROGRAM = f"""
import os, sys
import numpy as np
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime
model, prefix, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.enable_profiling = True
options.profile_file_prefix = prefix
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
for _ in range({RUNS}):
    session.run(None, {{"n": np.array(2, np.int64), "x": np.ones(({SIZE}, {SIZE}), np.float32)}})
os.replace(session.end_profiling(), prefix)
"""


def write_model(path: Path) -> None:
    """A loop of a product and a Tanh around which there is a product more: operators within operators."""
    matrix: list[int | str] = [SIZE, SIZE]
    body = helper.make_graph(
        [
            helper.make_node("MatMul", ["v", "v"], ["m"], name=QUOTED),
            helper.make_node("Tanh", ["m"], ["after"], name="inner é"),
            helper.make_node("Identity", ["go"], ["on"], name="inner condition"),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, matrix),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, matrix),
        ],
    )
    graph = helper.make_graph(
        [
            helper.make_node("Loop", ["n", "", "x"], ["y"], body=body, name="the loop"),
            helper.make_node("MatMul", ["y", "y"], ["z"], name="last"),
        ],
        "golden",
        [
            helper.make_tensor_value_info("n", TensorProto.INT64, []),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, matrix),
        ],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, matrix)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7)
    onnx.save(model, path)


def record(wheel: Wheel, model: Path, threads: int) -> None:
    """Write `ort-<version>-t<threads>.json`."""
    python, golden = environment(wheel), HERE / f"ort-{wheel.version}-t{threads}.json"
    done = process.run([python, "-c", PROGRAM, str(model), str(golden), str(threads)], timeout=SECONDS)
    if done.exit_code:
        raise SystemExit(done.stderr)


def main() -> None:
    """Record with each wheel, with a pool and without."""
    with tempfile.TemporaryDirectory() as name:
        model = Path(name) / "model.onnx"
        write_model(model)
        for wheel in WHEELS:
            for threads in (1, 2):
                record(wheel, model, threads)


if __name__ == "__main__":
    main()
