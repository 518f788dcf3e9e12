"""Services that run already: what `attach` says of them, and that they do not notice."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from profiler.record.perf import UNTIL_END_OF_INPUT
from profiler.record.recording import TRYING
from profiler.run import runs
from profiler.trace import store
from tests.e2e.gate import Gate
from tests.e2e.program import BOUNDED, ENDLESS, finish, run, start, wait_for
from tests.e2e.services import Service, loaded_service, write_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = ("--seconds", "5")
LIGHT = ("--light", "--seconds", ENDLESS)
ENDLESSLY = ("--seconds", ENDLESS, *BOUNDED)


@pytest.fixture(scope="module")
def int_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model") / "small.onnx")


@pytest.fixture(scope="module")
def service(int_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with loaded_service(int_model, tmp_path_factory.mktemp("service") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def summary(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    reports = tmp_path_factory.mktemp("reports")
    done = run("attach", str(service.pid), "--follow", *SECONDS, "--json", reports=reports)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert service.next_answer().endswith(" 200")
    return found


def test_the_processes_are_described(summary: dict[str, Any], service: Service) -> None:
    targets = summary["attached"]["targets"]
    assert targets[0]["pid"] == service.pid
    workers = [target for target in targets if target["runtimes"]]
    assert len(workers) == 2
    assert {target["runtimes"][0]["origin"] for target in workers} == {"Python wheel"}
    assert {target["runtimes"][0]["version"] for target in workers} == {summary["ort"]["version"]}
    assert (summary["config"], summary["workload"]) == (None, None)
    assert summary["profiled"]["requests_known_by"] in (["inferred"], [])


@pytest.mark.beside
def test_the_parent_alone_has_no_runtime_and_its_children_are_named(service: Service, tmp_path: Path) -> None:
    done = run("attach", str(service.pid), reports=tmp_path)
    assert done.returncode == 2
    assert "no ONNX Runtime is mapped" in done.stderr
    assert "--follow" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_attached_run_is_shown_listed_compared(service: Service, tmp_path: Path) -> None:
    for name in ("first", "second"):
        done = run("attach", str(service.pid), "--follow", "--seconds", "2", "--name", name, reports=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "pool, observed" in done.stdout
    assert "spins (inferred)" in run("show", "first", reports=tmp_path).stdout
    assert "first-attached" in run("runs", reports=tmp_path).stdout
    compared = run("compare", "first", "second", reports=tmp_path)
    assert compared.returncode == 0, compared.stderr


@pytest.mark.beside
def test_a_killed_ortprof_leaves_the_service_and_nothing_else(service: Service, tmp_path: Path) -> None:
    child = start("attach", str(service.pid), "--follow", *ENDLESSLY, reports=tmp_path)
    wait_for(child, "profile:")
    left = psutil.Process(child.pid).children(recursive=True)
    assert {process.name() for process in left} == {"perf", UNTIL_END_OF_INPUT[-1]}
    child.kill()
    child.communicate()
    _, alive = psutil.wait_procs(left, timeout=20)
    assert alive == []
    assert service.next_answer().endswith(" 200")


def test_a_light_recording_says_what_it_can_not_tell(service: Service, tmp_path: Path) -> None:
    done = run(
        "attach", str(service.pid), "--follow", "--light", "--seconds", "5", "--json", reports=tmp_path
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["perf"]["light"], summary["perf"]["stack_bytes"]) == (True, 0)
    assert "light" in summary["waits"]["unavailable"]
    spinning, interval = summary["cpu"]["by_kind"]["spin-idle"], summary["cpu"]["intervals"]["spin-idle"]
    assert interval["low"] < spinning / summary["cpu"]["total_ms"] < interval["high"]
    assert [pool["inferred"]["spins"] for pool in summary["pools"]].count(True) >= 1
    [found] = runs.list_runs(tmp_path)
    assert not found.perf_data.exists()


@pytest.mark.beside
def test_a_killed_light_recording_leaves_nothing(service: Service, tmp_path: Path) -> None:
    child = start("attach", str(service.pid), "--follow", *LIGHT, reports=tmp_path)
    wait_for(child, "profile:")
    assert psutil.Process(child.pid).children(recursive=True) == []
    child.kill()
    child.communicate()
    assert service.next_answer().endswith(" 200")


@pytest.mark.beside
def test_an_interrupt_keeps_what_was_recorded(service: Service, tmp_path: Path) -> None:
    child = start("attach", str(service.pid), "--follow", *ENDLESSLY, "--json", reports=tmp_path)
    wait_for(child, "profile:")
    for _ in range(10):
        service.next_answer()
    child.send_signal(signal.SIGINT)
    code, out, _ = finish(child)
    assert code == 130
    summary = json.loads(out)
    assert not summary["complete"]
    assert summary["cpu"]["total_ms"] > 0
    assert service.next_answer().endswith(" 200")


SPINNER = """
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 3
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        session.run(None, {"ids": numpy.ones((1, 64), numpy.int64)})
    print("served", flush=True)
"""


@pytest.mark.beside
def test_a_target_that_ends_gives_a_report_that_says_so(int_model: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SPINNER, str(int_model)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as target:
        assert target.stdin is not None
        assert target.stdout is not None
        target.stdout.readline()
        child = start("attach", str(target.pid), *ENDLESSLY, "--json", reports=tmp_path)
        wait_for(child, "profile:")
        target.stdin.write(b"100\n")
        target.stdin.flush()
        target.stdout.readline()
        os.kill(target.pid, signal.SIGKILL)
    code, out, err = finish(child)
    assert code == 0, err
    summary = json.loads(out)
    assert summary["complete"]
    assert summary["attached"]["targets"][0]["ended_seconds"] is not None
    assert any("ended" in doubt["why"] for doubt in summary["unavailable"])
    assert summary["perf"]["samples"] > 20


STARTS_A_BURNER = """
import subprocess, sys, onnxruntime
print("ready", flush=True)
sys.stdin.readline()
subprocess.run(["timeout", "2", "sh", "-c", "while :; do :; done"])
print("done", flush=True)
sys.stdin.readline()
"""


@pytest.mark.beside
def test_what_a_process_starts_is_not_its_own_unless_followed(tmp_path: Path) -> None:
    """perf's events are inherited by a child; its stacks are nobody's business who asked for the parent."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_A_BURNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as target:
        assert target.stdin is not None
        assert target.stdout is not None
        target.stdout.readline()
        child = start("attach", str(target.pid), *ENDLESSLY, "--scope", "process", "--json", reports=tmp_path)
        wait_for(child, "profile:")
        target.stdin.write(b"\n")
        target.stdin.flush()
        target.stdout.readline()
        child.send_signal(signal.SIGINT)
        code, out, _ = finish(child)
        target.stdin.write(b"\n")
    assert code == 130
    assert json.loads(out)["cpu"]["total_ms"] < 1000
    [found] = runs.list_runs(tmp_path)
    assert "sh" not in store.load(found.trace)[0].comms.values()


@pytest.mark.beside
def test_a_process_that_is_gone(tmp_path: Path) -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    done = run("attach", str(child.pid), reports=tmp_path)
    assert done.returncode == 2
    assert f"there is no process {child.pid}" in done.stderr


AGREES_POINTS = 3.0


def test_attaching_to_our_own_workload_says_what_recording_it_says(small_model: Path, tmp_path: Path) -> None:
    """One process, watched by `attach` in its measured phase and by `record` in the next.

    Nobody tells `attach` of requests, so that all polling for work is one kind.
    """
    phases = ("--warmup", "1", "--measure", "25", "--profile", "6", "--json")
    options = ("--model", str(small_model), "--threads", "3", "--rate", "20", *phases)
    child = start("record", *options, reports=tmp_path / "recorded")
    try:
        wait_for(child, "measure:")
        [workload] = [
            process for process in psutil.Process(child.pid).children() if "perf" not in process.name()
        ]
        done = run("attach", str(workload.pid), "--seconds", "6", "--json", reports=tmp_path / "attached")
        assert done.returncode == 0, done.stderr
        code, out, err = finish(child)
    finally:
        child.kill()
    assert code == 0, err
    attached, recorded = json.loads(done.stdout), json.loads(out)
    assert shares(attached) == pytest.approx(shares(recorded), abs=AGREES_POINTS)
    assert [sorted(pool["tids"]) for pool in attached["pools"]] == [
        sorted(pool["tids"]) for pool in recorded["pools"]
    ]
    assert [pool["caller_tids"] for pool in attached["pools"]] == [
        pool["caller_tids"] for pool in recorded["pools"]
    ]


def shares(summary: dict[str, Any]) -> dict[str, float]:
    """Return percent of CPU time by kind, with all polling for work in one."""
    spent = dict(summary["cpu"]["by_kind"])
    spent["spin-idle"] += spent.pop("spin-busy")
    return {kind: 100 * ms / summary["cpu"]["total_ms"] for kind, ms in spent.items()}


@pytest.mark.beside
@pytest.mark.parametrize("options", [("--scope", "process"), ("--scope", "cpus")])
def test_one_that_ends_before_the_recording_is_named_and_the_others_are_recorded(
    options: tuple[str, ...], int_model: Path, tmp_path: Path
) -> None:
    gate, reports = Gate(tmp_path / "gate"), tmp_path / "reports"
    with contextlib.ExitStack() as stack:
        one, other = (stack.enter_context(spinner(int_model)) for _ in range(2))
        pids = [str(child.pid) for child in (one, other)]
        child = start("attach", *pids, *options, "--seconds", "2", "--json", reports=reports, PATH=gate.path)
        wait_for(child, TRYING)
        one.kill()
        one.wait()
        gate.open()
        code, out, err = finish(child)
    assert code == 0, err
    assert f"process {one.pid}: it ended before anything was recorded" in err
    assert [target["pid"] for target in json.loads(out)["attached"]["targets"]] == [other.pid]


@pytest.mark.beside
def test_where_none_is_left_all_that_ended_are_named(int_model: Path, tmp_path: Path) -> None:
    gate, reports = Gate(tmp_path / "gate"), tmp_path / "reports"
    with contextlib.ExitStack() as stack:
        both = [stack.enter_context(spinner(int_model)) for _ in range(2)]
        pids = [str(target.pid) for target in both]
        child = start("attach", *pids, *ENDLESSLY, reports=reports, PATH=gate.path)
        wait_for(child, TRYING)
        for target in both:
            target.kill()
            target.wait()
        gate.open()
        code, _, err = finish(child)
    assert code == 4
    assert f"processes {both[0].pid} and {both[1].pid} ended before anything was recorded" in err
    assert runs.list_runs(reports) == []


@contextlib.contextmanager
def spinner(model: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process with a session; it ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-c", SPINNER, str(model)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as target:
        assert target.stdout is not None
        target.stdout.readline()
        try:
            yield target
        finally:
            target.kill()


SLEEPER = "import time, onnxruntime; time.sleep(60)"


@pytest.mark.beside
@pytest.mark.parametrize("command", ["attach", "run"])
def test_an_interrupt_before_the_profile_leaves_no_run(command: str, int_model: Path, tmp_path: Path) -> None:
    gate, reports = Gate(tmp_path / "gate"), tmp_path / "reports"
    with spinner(int_model) as target:
        whom = {"attach": [str(target.pid)], "run": ["--", sys.executable, "-c", SLEEPER]}
        child = start(command, *whom[command], reports=reports, PATH=gate.path)
        wait_for(child, f"ortprof: {TRYING}" if command == "run" else TRYING)
        child.send_signal(signal.SIGTERM)
        gate.open()
        code, _, err = finish(child)
    assert code != 0
    assert "stopped before anything was recorded" in err
    assert runs.list_runs(reports) == []
