from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from profiler import process
from profiler.errors import MachineError, UsageError, WorkloadError
from profiler.record.subject import workload_process
from profiler.record.subject.phase_run import run_phase
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from tests.until import wait_until
from tests.workload import onnx_files
from tests.workload.client import opening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.record.subject.events import Ready, ServedRow
    from profiler.run.manifest import Phase

EVER = 3600.0


def nothing(*_: object) -> None:
    """Wait without doing anything."""


def start(tmp_path: Path, python: str = sys.executable) -> WorkloadProcess:
    return WorkloadProcess(Start(python), tmp_path / "log")


def ready(workload: WorkloadProcess, model: Path, **changes: Any) -> Ready:
    workload.hello(nothing)
    return workload.open(opening(model, **changes), nothing)


def run(
    workload: WorkloadProcess,
    seconds: float,
    on_rows: Callable[[Sequence[ServedRow]], None] = nothing,
    stop_requested: Callable[[], bool] = lambda: False,
    on_wait: Callable[[], None] = nothing,
) -> Phase:
    command = {"seconds": seconds, "loads": [{"arrivals": "fixed", "rate": 100.0, "seed": 0}]}
    return run_phase(
        [workload],
        "measure",
        command,
        on_wait=on_wait,
        on_rows=lambda _, rows: on_rows(rows),
        stop_requested=stop_requested,
    )


def ended(workload: WorkloadProcess) -> bool:
    """Whether the child has ended and was waited for."""
    try:
        os.kill(workload.pid, 0)
    except ProcessLookupError:
        return True
    return False


def program(tmp_path: Path, text: str) -> str:
    """An interpreter that is none."""
    file = tmp_path / "interpreter"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_a_run_from_hello_to_the_end(tmp_path: Path, small: Path) -> None:
    seen: list[ServedRow] = []
    with start(tmp_path, sys.executable) as workload:
        assert workload.hello(nothing).pid == workload.pid
        said = workload.open(opening(small, threads=2, batch=3), nothing)
        (opened,) = said.sessions
        assert opened.callers == [workload.pid]
        assert [len(pool.tids) for pool in opened.pools] == [1]
        assert opened.inputs.sets[0].shapes == {"x": [3, 4]}
        phases = [run(workload, 0.05, seen.extend) for _ in range(2)]
        assert not ended(workload)
    assert ended(workload)
    assert (tmp_path / "log").read_text() == ""
    assert [(phase.name, phase.stopped) for phase in phases] == [("measure", False)] * 2
    assert {(row.caller, row.fed) for row in seen} == {(0, 0)}
    for phase, requests in zip(phases, (seen[:5], seen[5:]), strict=True):
        assert [entry.scheduled_ns - phase.start_ns for entry in requests] == [
            n * 10_000_000 for n in range(5)
        ]
        assert phase.end_ns >= max(requests[-1].end_ns, phase.start_ns + 50_000_000)


def test_a_stop_ends_a_phase_early(tmp_path: Path, small: Path) -> None:
    seen: list[ServedRow] = []
    with start(tmp_path) as workload:
        ready(workload, small)
        stopped = run(workload, EVER, seen.extend, stop_requested=lambda: bool(seen))
        assert stopped.stopped is True
        assert seen
        assert run(workload, 0.01).stopped is False


def test_whoever_waits_is_called_and_may_give_up(tmp_path: Path, small: Path) -> None:
    """Also while no event comes: this phase's next request is due in days."""
    calls = []

    def give_up() -> None:
        calls.append(1)
        if len(calls) == 4:  # started, the first request, nothing, nothing
            raise KeyboardInterrupt

    command = {"seconds": EVER, "loads": [{"arrivals": "fixed", "rate": 1e-6, "seed": 0}]}
    with start(tmp_path) as workload:
        ready(workload, small)
        with pytest.raises(KeyboardInterrupt):
            run_phase(
                [workload], "measure", command, on_wait=give_up, on_rows=nothing, stop_requested=lambda: False
            )
    assert ended(workload)


def test_an_error_in_the_block_ends_the_workload(tmp_path: Path) -> None:
    workload = start(tmp_path)
    with pytest.raises(KeyError, match="ours"), workload:
        raise KeyError("ours")
    assert ended(workload)


def test_an_interpreter_without_onnxruntime_is_told_how_to_get_it(tmp_path: Path, bare_python: str) -> None:
    with start(tmp_path, bare_python) as workload, pytest.raises(WorkloadError) as caught:
        workload.hello(nothing)
    assert caught.value.message == (
        f"ONNX Runtime can't be imported by {bare_python}: ModuleNotFoundError: No module named 'onnxruntime'"
    )
    assert caught.value.hint == f"install it there: {bare_python} -m pip install onnxruntime"
    assert ended(workload)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    with (
        start(tmp_path) as workload,
        pytest.raises(UsageError, match=r"^ONNX Runtime can't open the model: .*bad\.onnx"),
    ):
        ready(workload, tmp_path / "bad.onnx")


def test_an_input_that_cant_be_made_is_a_usage_error(tmp_path: Path) -> None:
    model = onnx_files.write_sequence_input(tmp_path / "m.onnx")
    with start(tmp_path) as workload, pytest.raises(UsageError) as caught:
        ready(workload, model)
    assert caught.value.message == (
        "no inputs can be made for the model: "
        "input 'parts' has type seq(tensor(float)), which can't be made up: "
        "--inputs FILE.npz gives it as 'parts/0' ..."
    )
    assert "--dim NAME=SIZE" in str(caught.value.hint)


def test_a_model_that_fails_on_made_up_inputs_says_how_to_change_them(tmp_path: Path) -> None:
    model = onnx_files.write_misfit(tmp_path / "m.onnx")
    with (
        start(tmp_path) as workload,
        pytest.raises(WorkloadError, match=r"^the model failed while opening the model: .*Add") as caught,
    ):
        ready(workload, model, dims={"left": 2, "right": 3})
    assert "--dim NAME=SIZE" in str(caught.value.hint)


def test_a_workload_that_is_killed_in_a_phase(tmp_path: Path, small: Path) -> None:
    def kill(_: Sequence[ServedRow]) -> None:
        os.kill(workload.pid, signal.SIGKILL)

    with start(tmp_path) as workload:
        ready(workload, small)
        with pytest.raises(WorkloadError) as caught:
            run(workload, EVER, kill)
    assert caught.value.message == "the workload was killed by SIGKILL while running the measure phase"
    assert caught.value.exit_code == 4
    assert ended(workload)


def test_a_workload_that_died_before_it_is_spoken_to(tmp_path: Path, small: Path) -> None:
    with start(tmp_path) as workload:
        workload.hello(nothing)
        os.kill(workload.pid, signal.SIGKILL)
        os.waitid(os.P_PID, workload.pid, os.WEXITED | os.WNOWAIT)
        with pytest.raises(
            WorkloadError, match=r"^the workload was killed by SIGKILL while opening the model$"
        ):
            workload.open(opening(small), nothing)


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"no-python is not on PATH$"):
        start(tmp_path, str(tmp_path / "no-python"))


NONSENSE = (
    "Python 3",
    "[1]",
    "{}",
    '{"event": "no such"}',
    '{"event": "hello", "pid": -1, "python": "3.11", "ort_version": "1.32.0", "ort_library": "x"}',
    '{"event": "hello", "pid": 1, "python": "3.11", "ort_version": 1.5, "ort_library": "x"}',
    '{"event": "hello", "pid": 1, "python": "3.11", "ort_version": "one", "ort_library": "x"}',
)
WRAPPER = "--python takes a Python interpreter, or a script that starts one with its own arguments"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "echo first >&2; echo 'last words' >&2; exit 5",
            "the workload exited with code 5 while starting",
            "its last words: first | last words",
        ),
        ("exit 0", "the workload exited with code 0 while starting", None),
        (
            """echo '{"event": "done", "phase": "x", "end_ns": 1, "stopped": false, "unserved": 0}'""",
            "while starting: b'done' (not now)",
            WRAPPER,
        ),
        *((f"echo '{said}'", f"while starting: {said.encode()[:80]!r} (", WRAPPER) for said in NONSENSE),
    ],
)
def test_an_interpreter_that_is_none(text: str, message: str, hint: str | None, tmp_path: Path) -> None:
    with start(tmp_path, program(tmp_path, text)) as workload, pytest.raises(WorkloadError) as caught:
        workload.hello(nothing)
    assert message in caught.value.message
    assert caught.value.hint == hint
    assert ended(workload)


def test_a_workload_that_goes_on_without_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TERMINATE_SECONDS", 0.05)
    deaf = program(tmp_path, "trap '' TERM; exec >&-; while :; do read line || exec sleep 1000; done")
    with (
        start(tmp_path, deaf) as workload,
        pytest.raises(WorkloadError, match=r"^the workload closed its output while starting$"),
    ):
        workload.hello(nothing)
    assert ended(workload)


def test_a_process_that_is_gone_is_explained_by_how_it_ended(tmp_path: Path) -> None:
    def fail() -> None:
        with start(tmp_path) as workload:
            workload.hello(nothing)
            os.kill(workload.pid, signal.SIGKILL)
            raise ProcessLookupError

    with pytest.raises(WorkloadError, match="was killed by SIGKILL"):
        fail()


def test_signals_that_another_program_reports_are_named(tmp_path: Path) -> None:
    with (
        pytest.raises(WorkloadError, match="was killed by SIGKILL while starting"),
        start(tmp_path, program(tmp_path, "exit 137")) as workload,
    ):
        workload.hello(nothing)


def test_the_prefix_explains_its_own_failure(tmp_path: Path) -> None:
    def explain(code: int, said: str) -> MachineError:
        return MachineError(f"{code}: {said}")

    failing = program(tmp_path, "echo no such image >&2; exit 125")
    with (
        pytest.raises(MachineError, match="125: no such image"),
        WorkloadProcess(Start(failing, explain=explain), tmp_path / "log") as workload,
    ):
        workload.hello(nothing)


def test_what_to_do_without_a_runtime_depends_on_the_place(tmp_path: Path, bare_python: str) -> None:
    with (
        pytest.raises(WorkloadError) as caught,
        WorkloadProcess(Start(bare_python, remedy="take another image"), tmp_path / "log") as workload,
    ):
        workload.hello(nothing)
    assert caught.value.hint == "take another image"


def test_a_workload_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    silent, log = program(tmp_path, "echo importing >&2; exec sleep 1000"), tmp_path / "log"
    with WorkloadProcess(Start(silent, patience_seconds=0.3), log) as workload:
        wait_until(lambda: "importing" in log.read_text(), 60)
        with pytest.raises(WorkloadError, match=r"^the workload said nothing for 0\.3 s") as caught:
            workload.hello(nothing)
    assert "--startup-timeout" in str(caught.value.hint)
    assert "its last words: importing" in str(caught.value.hint)
    assert ended(workload)


def test_a_stopped_workload_is_told_from_a_slow_one(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workload_process, "STOPPED_SECONDS", 0.2)

    def stop(_: Sequence[ServedRow]) -> None:
        os.kill(workload.pid, signal.SIGSTOP)

    with start(tmp_path) as workload:
        ready(workload, small)
        with pytest.raises(WorkloadError, match=r"^the workload was stopped .* the measure phase$"):
            run(workload, 0.3, stop)
    assert ended(workload)


def test_what_a_wrapper_started_ends_with_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    wrapper = program(tmp_path, f"sleep 1000 & echo $! > {pid_file}; exit 0")
    with start(tmp_path, wrapper) as workload, pytest.raises(WorkloadError, match="exited with code 0"):
        workload.hello(nothing)
    with contextlib.suppress(psutil.NoSuchProcess):
        orphan = psutil.Process(int(pid_file.read_text()))
        deadline = time.monotonic() + 10
        # A kill takes effect a moment later, and whoever adopts orphans may not reap them at once.
        while orphan.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
