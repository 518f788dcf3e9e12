"""Interrupts, a workload that dies, bad input: the right exit code, a line that helps, no traceback."""

from __future__ import annotations

import json
import signal
import sys
import venv
from pathlib import Path

import onnx
import psutil
import pytest
from onnx import TensorProto, helper

from profiler.run import runs
from tests.e2e.program import BOUNDED, ENDLESS, finish, run, start, wait_for

pytestmark = pytest.mark.beside


def child_of(pid: int) -> psutil.Process:
    """Return the only child of a process: the workload, as long as perf is not attached."""
    (child,) = psutil.Process(pid).children()
    return child


def test_ctrl_c_ends_the_phase_early_and_keeps_what_was_recorded(small_model: Path, tmp_path: Path) -> None:
    child = start(
        *("record", "--model", str(small_model), "--rate", "20", "--threads", "2", "--warmup", "0"),
        *("--measure", "1", "--profile", ENDLESS, *BOUNDED, "--json"),
        reports=tmp_path,
    )
    wait_for(child, "profile:")
    child.send_signal(signal.SIGINT)
    code, out, _ = finish(child)
    assert code == 130
    summary = json.loads(out)
    assert summary["complete"] is False
    assert summary["profiled"]["seconds"] < 60
    assert summary["cpu"]["total_ms"] > 0
    (found,) = runs.list_runs(tmp_path)
    assert found.report.exists()


def test_ctrl_c_before_the_profile_keeps_the_measured_figures(small_model: Path, tmp_path: Path) -> None:
    child = start(
        *("record", "--model", str(small_model), "--rate", "20", "--warmup", "0", "--measure", ENDLESS),
        "--json",
        reports=tmp_path,
    )
    wait_for(child, "measure:")
    child.send_signal(signal.SIGINT)
    code, out, _ = finish(child)
    assert code == 130
    summary = json.loads(out)
    assert summary["measured"]["seconds"] < 60
    assert "unavailable" in summary["cpu"]


def test_a_second_ctrl_c_aborts_and_leaves_no_process(small_model: Path, tmp_path: Path) -> None:
    child = start("record", "--model", str(small_model), "--warmup", ENDLESS, reports=tmp_path)
    wait_for(child, "warmup:")
    workload = child_of(child.pid)
    child.send_signal(signal.SIGINT)
    child.send_signal(signal.SIGINT)
    code, _, err = finish(child)
    assert code == 130
    assert "interrupted" in err or "stopped" in err
    assert not workload.is_running()


def test_a_workload_killed_while_measuring(small_model: Path, tmp_path: Path) -> None:
    child = start(
        "record", "--model", str(small_model), "--warmup", "0", "--measure", ENDLESS, reports=tmp_path
    )
    wait_for(child, "measure:")
    child_of(child.pid).kill()
    code, _, err = finish(child)
    assert code == 4
    assert "killed by SIGKILL while running the measure phase" in err


def string_model(path: Path) -> Path:
    """Write a model whose input is a sequence of tensors, which nobody can make up."""
    sequence = helper.make_tensor_sequence_value_info("many", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        [helper.make_node("SequenceLength", ["many"], ["n"])],
        "g",
        [sequence],
        [helper.make_tensor_value_info("n", TensorProto.INT64, [])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=7), path)
    return path


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("--config", "spinon"), 2, "did you mean 'spin-on'"),
        (("--model", "missing.onnx"), 2, "missing.onnx"),
        (("--model", "minlm"), 2, "minilm"),
        (("--rate", "-1"), 2, "--rate -1"),
        (("--rate", "nan"), 2, "--rate"),
        (("--rate", "inf"), 2, "--rate"),
        (("--rate", "fast"), 2, "--rate"),
        (("--measure", "-3"), 2, "--measure"),
        (("--threads", "4", "--config", "single-thread"), 2, "single-thread"),
        (("--session-entry", "nonsense"), 2, "KEY=VALUE"),
        (("--dim", "batch"), 2, "NAME=SIZE"),
        (("--python", "/nonexistent/python"), 2, "/nonexistent/python"),
        (("--frequency", "0"), 2, "frequency"),
        (("--measure", "0", "--profile", "0"), 2, "nothing to do"),
    ],
)
def test_bad_usage(tmp_path: Path, args: tuple[str, ...], code: int, words: str) -> None:
    done = run("record", *args, reports=tmp_path)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_an_input_that_cannot_be_made(tmp_path: Path) -> None:
    done = run("record", "--model", str(string_model(tmp_path / "m.onnx")), reports=tmp_path / "r")
    assert done.returncode == 2, done.stderr
    assert "'many'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    done = run("record", "--model", str(broken), reports=tmp_path / "r")
    assert done.returncode == 2, done.stderr
    assert "can't open the model" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interpreter_without_onnxruntime(tmp_path: Path, small_model: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare/bin/python"
    done = run("record", "--model", str(small_model), "--python", str(python), reports=tmp_path / "r")
    assert done.returncode == 4, done.stderr
    assert f"{python} -m pip install onnxruntime" in done.stderr


def test_perf_missing_from_path(tmp_path: Path, small_model: Path) -> None:
    done = run("record", "--model", str(small_model), reports=tmp_path / "r", PATH="/nonexistent")
    assert done.returncode == 3, done.stderr
    assert "perf is not on PATH" in done.stderr
    assert "apt-get install" in done.stderr


def test_a_reports_folder_that_cannot_be_written(tmp_path: Path, small_model: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    done = run("record", "--model", str(small_model), reports=blocked / "reports")
    assert done.returncode == 3, done.stderr
    assert "--reports" in done.stderr


@pytest.mark.parametrize("command", ["show", "report"])
def test_a_run_that_is_not_there(tmp_path: Path, command: str) -> None:
    done = run(command, "nothing", reports=tmp_path)
    assert done.returncode == 2
    assert "nothing" in done.stderr


def test_the_interpreter_of_the_tests_is_the_default() -> None:
    assert Path(sys.executable).with_name("ortprof").exists()
