"""docs/examples/service, started as its README says, with its client."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).parents[2] / "docs/examples/service"


def write_model(path: Path) -> Path:
    """Write matrix products behind integers, as the service feeds its models; a few milliseconds each."""
    size, layers = 512, 8
    weights = np.random.default_rng(0).standard_normal((size, size)).astype(np.float32) / size
    nodes = [
        helper.make_node("Cast", ["ids"], ["row"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["row"], ["column"]),
        helper.make_node("MatMul", ["column", "first"], ["x0"]),
    ]
    for layer in range(layers):
        nodes.append(helper.make_node("MatMul", [f"x{layer}", "w"], [f"m{layer}"]))
        nodes.append(helper.make_node("Tanh", [f"m{layer}"], [f"x{layer + 1}"]))
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])],
        [helper.make_tensor_value_info(f"x{layers}", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(weights[:1], "first")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7), path)
    return path


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def loaded_service(
    model: Path, log: Path, *, workers: int = 2, rate: float = 40.0, folder: Path = EXAMPLE
) -> Iterator[Service]:
    """Start the service in a folder and its client; in the block both models have answered requests."""
    port = free_port()
    with log.open("wb") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "service:app", "--workers", str(workers), "--port", str(port)],
            cwd=folder, env={**os.environ, "MODEL": str(model)}, stderr=said, stdout=said,
            start_new_session=True,
        )  # fmt: skip
        try:
            _wait_for_workers(log, workers, server)
            client = subprocess.Popen(
                [sys.executable, str(EXAMPLE / "client.py"), str(port), str(rate)],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            try:
                service = Service(server, client)
                for _ in range(4 * workers):
                    service.next_answer()
                yield service
            finally:
                client.kill()
                client.communicate()
        finally:
            server.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            server.wait()


class Service:
    """A service under load."""

    def __init__(self, server: subprocess.Popen[bytes], client: subprocess.Popen[str]) -> None:
        self.pid = server.pid
        self._client = client

    def next_answer(self) -> str:
        """Wait for the next answer that its client got: a model and an HTTP status."""
        assert self._client.stdout is not None
        return self._client.stdout.readline().strip()


def _wait_for_workers(log: Path, workers: int, server: subprocess.Popen[bytes]) -> None:
    with log.open("rb") as said:
        ready = 0
        while ready < workers:
            line = said.readline()
            ready += b"Application startup complete" in line
            if not line:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(0.05)
                    raise AssertionError(log.read_text())
