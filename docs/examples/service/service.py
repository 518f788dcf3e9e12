"""Two models in one process, behind HTTP: one session as ONNX Runtime makes it, one that does not spin."""

from __future__ import annotations

import os

import numpy as np
import onnxruntime
from fastapi import FastAPI


def open_session(*, spins: bool) -> onnxruntime.InferenceSession:
    """Open the model with a pool of four threads."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spins else "0")
    return onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])


SESSIONS = {"eager": open_session(spins=True), "thrifty": open_session(spins=False)}
app = FastAPI()


@app.get("/{name}")
def infer(name: str, tokens: int = 32) -> dict[str, list[int]]:
    """Run a model on ids that stand for a text."""
    session = SESSIONS[name]
    ids = np.ones((1, tokens), np.int64)
    outputs = session.run(None, {given.name: ids for given in session.get_inputs()})
    return {"shape": list(outputs[0].shape)}
