"""`ortprof trial` on a small server whose client keeps a log: what is tried, kept, gone on with and said."""

from __future__ import annotations

import json
import signal
import sys
from statistics import fmean
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.program import finish, run, start, wait_for
from tests.e2e.services import free_port, write_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

SERVER = """
import socket, sys
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
with socket.create_server(("127.0.0.1", int(sys.argv[2]))) as server:
    while True:
        connection, _ = server.accept()
        session.run(None, {"ids": numpy.ones((1, 8), numpy.int64)})
        connection.close()
"""
CLIENT = """
import json, socket, sys, time
with open(sys.argv[2], "a", buffering=1) as log:
    while True:
        begin = time.monotonic_ns()
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
            connection.recv(1)
        print(json.dumps({"start_ns": begin, "end_ns": time.monotonic_ns()}), file=log)
        time.sleep(0.03)
"""


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a trial of two rounds, behind its options."""
    folder, port = tmp_path_factory.mktemp("program"), str(free_port())
    for name, code in (("server.py", SERVER), ("client.py", CLIENT)):
        (folder / name).write_text(code)
    log = folder / "requests.jsonl"
    log.touch()
    client = f"{sys.executable} {folder / 'client.py'} {port} {log}"
    model = str(write_model(folder / "small.onnx"))
    course = ["--rounds", "2", "--seconds", "1.5", "--after", "0.2", "--configs", "spin-on,spin-off"]
    told = ["--requests", str(log), "--load", client]
    return [*course, *told, "--", sys.executable, str(folder / "server.py"), model, port]


def test_an_interrupted_trial_is_gone_on_with(arguments: list[str], tmp_path: Path) -> None:
    child = start("trial", *arguments, reports=tmp_path)
    wait_for(child, "run 2 of 4")
    child.send_signal(signal.SIGINT)
    code, _, err = finish(child)
    assert code == 130
    assert "1 run in" in err
    done = run("trial", "--json", *arguments, reports=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "going on with" in done.stderr
    assert "run 2 of 4" in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    by_label = {one["label"]: one for one in found["configurations"]}
    assert [len(by_label[label]["runs"]) for label in ("spin-on", "spin-off")] == [2, 2]
    for one in by_label.values():
        assert {run["source"] for run in one["runs"]} == {"log"}
        assert one["cpu_percent"] == pytest.approx(fmean(run["cpu_percent"] for run in one["runs"]))
        assert all(run["given"].startswith(f"{one['label']} was given to all") for run in one["runs"])
    cost = {label: one["cpu_ms_per_request"]["estimate"] for label, one in by_label.items()}
    assert min(cost.values()) > 0
    # Which is cheaper is the machine's affair, and whether two rounds say so: else the first stays.
    assert found["chosen"] in {min(cost, key=cost.__getitem__), "spin-on"}
    assert found["headline"]
    assert (tmp_path / found["trial"] / "trial.html").is_file()
    for run_id in (one["run_id"] for by in by_label.values() for one in by["runs"]):
        assert (tmp_path / found["trial"] / "runs" / run_id / "report.html").is_file()
    shown = run("show", found["trial"], reports=tmp_path)
    assert shown.stdout.startswith(found["headline"][:20])
