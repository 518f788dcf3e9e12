"""A service in a container, somebody else's, watched from outside: by its number here, and by its name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import ORTPROF
from tests.e2e.services import free_port, write_model
from tests.until import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docker.conftest import Engine

pytestmark = pytest.mark.timeout(600)
NAME = "checkout"
WORKERS = 2
SERVICE = f"""\
import time
import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = {WORKERS + 1}
session = onnxruntime.InferenceSession("/service/small.onnx", options, providers=["CPUExecutionProvider"])
ids = np.ones((1, 32), np.int64)
while True:
    session.run(None, {{"ids": ids}})
    print("answered", flush=True)
    time.sleep(0.2)
"""
PROGRAM = ("python3", "/service/service.py")


@pytest.fixture(scope="module")
def service(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start a container behind a shell, as many images do; its first process's number on this machine."""
    folder = tmp_path_factory.mktemp("service")
    write_model(folder / "small.onnx")
    (folder / "service.py").write_text(SERVICE)
    options = ("--name", NAME, "--network=none", "--volume", f"{folder}:/service:ro")
    engine.tell("run", "--detach", *options, "ortprof", "sh", "-c", f"{' '.join(PROGRAM)}; exit 1")
    try:
        wait_until(lambda: "answered" in engine.tell("logs", NAME), 60)
        yield int(engine.tell("container", "inspect", "--format", "{{.State.Pid}}", NAME))
    finally:
        engine.tell("rm", "--force", NAME)


def the_spinning_pool(summary: dict[str, Any]) -> dict[str, Any]:
    (pool,) = summary["pools"]
    assert isinstance(pool, dict)
    assert pool["inferred"]["spins"]
    assert pool["threads"] == WORKERS
    return pool


def test_attached_to_by_its_number_on_the_host(engine: Engine, service: int, tmp_path: Path) -> None:
    done = engine.ortprof("attach", str(service), "--follow", "--seconds", "4", "--json", reports=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    (runtime,) = (found for target in summary["attached"]["targets"] for found in target["runtimes"])
    assert runtime["path"].startswith("/opt/onnxruntime/")
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2
    assert summary["hot"][0]["evidence"] == "instruction"
    assert summary["cross_check"]["largest_deviation_points"] < 1
    assert the_spinning_pool(summary)["callers"] == 1
    assert summary["profiled"]["requests"] > 0


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("mode", [(), ("--light",)])
def test_attached_to_by_the_container_s_name(engine: Engine, tmp_path: Path, mode: tuple[str, ...]) -> None:
    who = ("--container", NAME, "--engine", engine.name)
    done = engine.ortprof("attach", *who, *mode, "--seconds", "6", "--json", reports=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["attached"]["name"] == NAME
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2
    the_spinning_pool(summary)


@pytest.mark.usefixtures("service")
def test_top_says_what_polls(engine: Engine, tmp_path: Path) -> None:
    who = ("--container", NAME, "--engine", engine.name)
    done = engine.ortprof("top", *who, "--seconds", "4", reports=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "polling" in done.stdout.splitlines()[-1]


@pytest.mark.usefixtures("service")
def test_watch_goes_on_after_a_restart(engine: Engine) -> None:
    address = f"127.0.0.1:{free_port()}"
    who = ("--container", NAME, "--engine", engine.name)
    with subprocess.Popen(
        [str(ORTPROF), "watch", *who, "--interval", "1", "--metrics", address],
        env={**os.environ, **engine.environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        try:
            wait_until(lambda: "ortprof_targets_begun_total 1.0" in metrics(address), 60)
            wait_until(lambda: 'polling="true"' in metrics(address), 60)
            engine.tell("restart", "--time", "0", NAME)
            wait_until(lambda: "ortprof_targets_begun_total 2.0" in metrics(address), 60)
            wait_until(lambda: 'polling="true"' in metrics(address), 60)
        finally:
            watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=60)
    assert watching.returncode == 130, said
    assert "the processes have ended" in said


def metrics(address: str) -> str:
    try:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.URLError:
        return ""


@pytest.mark.parametrize("command", ["attach", "top", "watch"])
def test_a_container_that_there_is_not(engine: Engine, command: str) -> None:
    done = subprocess.run(
        [str(ORTPROF), command, "--container", "nosuch", "--engine", engine.name],
        env={**os.environ, **engine.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert f"{engine.name} has no container 'nosuch'" in done.stderr


def test_a_container_that_does_not_run(engine: Engine, tmp_path: Path) -> None:
    engine.tell("create", "--name", "idle", "--network=none", "ortprof", *PROGRAM)
    try:
        done = engine.ortprof("attach", "--container", "idle", "--engine", engine.name, reports=tmp_path)
    finally:
        engine.tell("rm", "idle")
    assert done.returncode == 2, done.stderr
    assert "container 'idle' does not run" in done.stderr
