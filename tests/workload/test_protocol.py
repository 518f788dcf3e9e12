from __future__ import annotations

import importlib.metadata
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from . import onnx_files
from .client import Client, opening, write_stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator

EVER = 3600.0


def pool_tids(ready: dict[str, Any]) -> list[int]:
    """All threads of all pools."""
    sessions = [pool for opened in ready["sessions"] for pool in opened["pools"]]
    return [tid for pool in [*ready["pools"], *sessions] for tid in pool["tids"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def small(folder: Path) -> Path:
    return onnx_files.write_small(folder / "small.onnx")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path / "log") as started:
        yield started


def test_hello_says_who_it_is(client: Client) -> None:
    hello = client.receive()
    assert hello["event"] == "hello"
    assert hello["pid"] == client.child.pid
    assert hello["python"] == sys.version.split()[0]
    assert hello["ort_version"] == importlib.metadata.version("onnxruntime")
    library = Path(hello["ort_library"])
    assert library.read_bytes().startswith(b"\x7fELF")
    assert str(library) in {mapped.path for mapped in psutil.Process(client.child.pid).memory_maps()}


def test_ready_names_the_sessions_threads_and_inputs(client: Client, small: Path) -> None:
    ready = client.open(small, threads=3, batch=2, dims={"tokens": 5})
    assert ready["event"] == "ready"
    (opened,) = ready["sessions"]
    assert opened["callers"] == [client.child.pid]
    assert [(pool["role"], len(pool["tids"])) for pool in opened["pools"]] == [("intra-op", 2)]
    alive = {thread.id for thread in psutil.Process(client.child.pid).threads()}
    assert set(pool_tids(ready)) < alive
    fed = opened["inputs"]
    assert fed["tensors"] == [{"name": "x", "type": "tensor(float)", "source": "made up: standard normal"}]
    assert [entry["shapes"] for entry in fed["sets"]] == [{"x": [2, 5]}]
    assert opened["first_inference_ns"] > 0


def test_a_single_thread_has_no_pool(client: Client, small: Path) -> None:
    assert pool_tids(client.open(small)) == []


def test_parallel_execution_has_an_inter_op_pool(client: Client, small: Path) -> None:
    ready = client.open(small, execution_mode="parallel", inter_op_threads=3)
    (pool,) = ready["sessions"][0]["pools"]
    assert (pool["role"], len(pool["tids"])) == ("inter-op", 2)


def test_telemetry_has_no_threads(client: Client) -> None:
    assert client.receive()["event"] == "hello"
    assert psutil.Process(client.child.pid).num_threads() == 1


@pytest.mark.parametrize("end", ["exit", "end of file"])
def test_it_exits_when_told_and_when_its_parent_is_gone(end: str, client: Client, small: Path) -> None:
    client.open(small)
    if end == "exit":
        client.send(command="exit")
    else:
        client.stdin.close()
    assert client.child.wait() == 0
    assert client.stdout.read() == b""


@pytest.mark.parametrize(("arrivals", "rate"), [("fixed", 1e-6), ("fixed", 1e4), ("closed", 1.0)])
def test_it_exits_when_its_parent_goes_in_the_middle_of_a_phase(
    arrivals: str, rate: float, client: Client, small: Path
) -> None:
    client.open(small)
    client.start("measure", EVER, arrivals, rate)
    client.requests("measure")
    client.stdin.close()
    assert client.child.wait() == 0
    assert client.log.read_text() == ""


def test_it_exits_when_nobody_reads_it(client: Client, small: Path) -> None:
    client.open(small)
    client.start("measure", EVER, "closed")
    client.stdout.close()
    assert client.child.wait() == 0
    assert client.log.read_text() == ""


def test_what_libraries_print_does_not_reach_the_parent(tmp_path: Path, small: Path) -> None:
    """Printed by Python, written to the file descriptor, and printed again by a thread while requests run."""
    noise = (
        "import os, threading\n"
        "print('by print'); os.write(1, b'by write\\n')\n"
        "def chatter():\n"
        '    while os.write(1, b\'{"event": "noise"}\\n\'): pass\n'
        "threading.Thread(target=chatter, daemon=True).start()"
    )
    write_stand_in(tmp_path, noise)
    with Client(tmp_path / "log", environment={"PYTHONPATH": str(tmp_path)}) as client:
        assert client.open(small)["event"] == "ready"
        client.start("measure", 0.1, rate=100)
        rows, _ = client.finish("measure")
        client.send(command="exit")
        assert client.child.wait() == 0
    assert len(rows) == 10
    said = (tmp_path / "log").read_bytes()
    for line in (b"by print\n", b"by write\n", b'{"event": "noise"}\n'):
        assert line in said


def test_a_failing_import_is_an_event(tmp_path: Path) -> None:
    write_stand_in(tmp_path, "raise ImportError('libgomp.so.1: no such file')")
    with Client(tmp_path / "log", environment={"PYTHONPATH": str(tmp_path)}) as client:
        assert client.receive() == {
            "event": "error",
            "stage": "import",
            "message": "ImportError: libgomp.so.1: no such file",
        }
        assert client.child.wait() == 1
    assert (tmp_path / "log").read_text() == ""


def test_a_file_that_is_no_model_is_an_event(client: Client, tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model")
    error = client.open(bad)
    assert (error["event"], error["stage"]) == ("error", "session")
    assert str(bad) in error["message"]
    assert client.child.wait() == 1


def test_a_setting_that_onnxruntime_refuses_is_an_event(client: Client, small: Path) -> None:
    error = client.open(small, entries={"session.intra_op_thread_affinities": "nonsense"}, threads=2)
    assert (error["event"], error["stage"]) == ("error", "session")
    assert client.child.wait() == 1


def test_an_input_that_cant_be_made_is_an_event(client: Client, folder: Path) -> None:
    assert client.open(onnx_files.write_sequence_input(folder / "sequence.onnx")) == {
        "event": "error",
        "stage": "inputs",
        "message": (
            "input 'parts' has type seq(tensor(float)), which can't be made up: "
            "--inputs FILE.npz gives it as 'parts/0' ..."
        ),
    }
    assert client.child.wait() == 1


def test_inputs_too_large_to_make_are_an_event(client: Client, small: Path) -> None:
    error = client.open(small, batch=2**40, tokens=2**20)
    assert (error["event"], error["stage"]) == ("error", "inputs")
    assert error["message"].startswith("input 'x' of shape [1099511627776, 1048576] can't be made: ")
    assert client.child.wait() == 1


def test_a_model_that_fails_on_its_inputs_is_an_event(client: Client, folder: Path) -> None:
    model = onnx_files.write_misfit(folder / "misfit.onnx")
    error = client.open(model, dims={"left": 2, "right": 3})
    assert (error["event"], error["stage"]) == ("error", "inference")
    assert "Add" in error["message"]
    assert client.child.wait() == 1


def test_a_second_session_takes_the_firsts_place(client: Client, small: Path) -> None:
    first = client.open(small, threads=3)
    client.send(command="open", **opening(small, threads=4))
    second = client.receive()
    alive = {thread.id for thread in psutil.Process(client.child.pid).threads()}
    assert len(pool_tids(second)) == 3
    assert alive == {client.child.pid, *pool_tids(second)}
    assert not alive & set(pool_tids(first))


def test_a_profiled_session_says_where_its_profile_is_and_on_which_clock(
    client: Client, small: Path, tmp_path: Path
) -> None:
    client.open(small, profile_prefix=str(tmp_path / "profile"))
    client.start("operators", 0.1, rate=100)
    rows, _ = client.finish("operators")
    client.send(command="end_profiling")
    event = client.receive()
    assert event["event"] == "profile"
    (path,) = tmp_path.glob("profile*.json")
    assert event["path"] == str(path)
    assert path.read_text().count("model_run") == len(rows) + 1
    assert rows[-1][2] < event["monotonic_ns"] < time.monotonic_ns()
    assert event["realtime_ns"] - event["monotonic_ns"] == pytest.approx(
        time.time_ns() - time.monotonic_ns(), abs=1e9
    )
    assert event["start_ns"] in (
        pytest.approx(rows[0][1], abs=60e9),
        pytest.approx(rows[0][1] + event["realtime_ns"] - event["monotonic_ns"], abs=60e9),
    )


@pytest.mark.parametrize("arrivals", ["fixed", "closed"])
def test_a_phase_ends_after_enough_requests(client: Client, small: Path, arrivals: str) -> None:
    client.open(small)
    client.start("operators", EVER, arrivals, 1000.0, requests=7)
    rows, done = client.finish("operators")
    assert len(rows) == 7
    assert not done["stopped"]
