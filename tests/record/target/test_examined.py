from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from profiler.errors import ExitCode, MachineError, OrtprofError, UsageError
from profiler.record.target import examined, family
from profiler.record.target.examined import alive, examine_process
from profiler.record.target.family import find_targets
from tests.record.target.targets import running

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.attached import Target

RUNTIME = "import onnxruntime"
NOBODY = 65534


def test_a_process_with_a_runtime() -> None:
    with running(RUNTIME, "--token", "secret") as pid:
        found = examine_process(pid)
    assert found.pid == pid
    assert found.parent == os.getpid()
    assert "secret" not in str(found)
    assert found.python == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert found.libc in ("glibc", "musl")
    assert not found.contained
    assert found.cpus.allowed == sorted(os.sched_getaffinity(0))
    assert [runtime.origin.value for runtime in found.runtimes] == ["Python wheel"]


@pytest.mark.parametrize(
    ("cmdline", "shown"),
    [
        (b"/usr/bin/python3.11\0-X\0dev\0-m\0uvicorn\0app:app\0--key=1\0", "python3.11 -m uvicorn"),
        (b"node\0--token\0secret\0app.mjs\0", "node app.mjs"),
        (b"python3\0/venv/bin/gunicorn\0app:app\0", "python3 gunicorn"),
        (b"python\0-u\0-m\0uvicorn\0app:app\0", "python -m uvicorn"),
        (b"/venv/bin/python\0/srv/serve.py\0--password\0x\0", "python serve.py"),
        (b"/venv/bin/python3\0venv/bin/uvicorn\0app:app\0", "python3 uvicorn"),
        (b"python3\0-W\0venv/secret\0", "python3"),
        (b"python3\0-c\0secret = 1\0", "python3"),
        (b"/opt/triton/tritonserver\0--model=/m\0", "tritonserver"),
        (b"", ""),
    ],
)
def test_a_command_is_shown_without_its_arguments(cmdline: bytes, shown: str) -> None:
    assert examined._command(cmdline) == shown


def refused(pid: int) -> OrtprofError:
    with pytest.raises(OrtprofError) as caught:
        examine_process(pid)
    assert "\n" not in caught.value.message
    return caught.value


def test_a_pid_that_is_gone() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    error = refused(child.pid)
    assert error.message == f"there is no process {child.pid}"
    assert error.exit_code is ExitCode.BAD_INPUT
    with pytest.raises(ProcessLookupError):
        alive(child.pid)


def test_a_zombie_has_ended() -> None:
    child = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert "has ended" in refused(child.pid).message
    assert not alive(child.pid).still
    child.communicate()


def test_a_thread_is_told_with_its_process() -> None:
    leave = threading.Event()
    thread = threading.Thread(target=leave.wait)
    thread.start()
    try:
        assert thread.native_id is not None
        assert f"is a thread of process {os.getpid()}" in refused(thread.native_id).message
    finally:
        leave.set()
        thread.join()


def test_ourselves() -> None:
    assert "is this ortprof" in refused(os.getpid()).message


@pytest.mark.skipif(os.getuid() != 0, reason="only root can see a kernel thread's maps")
def test_a_kernel_thread() -> None:
    kthreadd = 2
    try:
        alive(kthreadd)
    except ProcessLookupError:
        pytest.skip("a pid namespace of its own")
    if examined._stat_fields(kthreadd)[1] != b"0":
        pytest.skip("process 2 is no kernel thread here")
    assert "kernel thread" in refused(kthreadd).message


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_users_process() -> None:
    """As nobody, in a process of its own: a root that lowers itself would keep its threads' capabilities."""
    code = (
        "import os, sys; from profiler.record.target.examined import examine_process;"
        f"os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "try: examine_process(int(sys.argv[1]))\n"
        "except Exception as error: print(type(error).__name__, error, error.hint)"
    )
    with running("") as pid:
        said = subprocess.run(
            [sys.executable, "-c", code, str(pid)], capture_output=True, text=True, check=True
        ).stdout
    assert said.startswith(f"{MachineError.__name__} process {pid} is another user's")
    assert "sudo" in said


def test_a_program_of_32_bits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "77").mkdir()
    (tmp_path / "77/exe").write_bytes(b"\x7fELF\x01\x01")
    monkeypatch.setattr(examined, "PROC", tmp_path)
    with pytest.raises(UsageError, match="32 bits"):
        examined._refuse_32_bits(77)


def test_no_runtime_is_said_with_what_is_there_instead() -> None:
    with running("import numpy") as pid, pytest.raises(UsageError) as caught:
        find_targets([pid], follow=False)
    assert caught.value.message.startswith(f"no ONNX Runtime is mapped in process {pid} (python")
    assert "pools of OpenBLAS may poll there" in caught.value.message


def test_children_are_found_or_hinted_at() -> None:
    code = (
        "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c',"
        " 'import onnxruntime; print(1, flush=True); input()'], stdout=subprocess.PIPE);"
        "child.stdout.readline(); import atexit; atexit.register(child.kill); child_pid = child.pid"
    )
    with running(code) as pid:
        parent, child = find_targets([pid], follow=True)
        assert (parent.pid, parent.runtimes, child.parent) == (pid, [], pid)
        assert child.runtimes
        with pytest.raises(UsageError) as caught:
            find_targets([pid], follow=False)
    assert caught.value.hint == f"its children {child.pid} have it: --follow profiles them"


def test_who_ends_while_it_is_looked_at_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(RUNTIME) as other:
        for numbers in ([0, 1], [0]):
            with subprocess.Popen(["sleep", "600"]) as dying:

                def examine(pid: int, dying: subprocess.Popen[bytes] = dying) -> Target:
                    if pid == dying.pid:
                        dying.kill()
                        dying.wait()
                    return examine_process(pid)

                monkeypatch.setattr(family, "examine_process", examine)
                pids = [(dying.pid, other)[number] for number in numbers]
                if len(pids) > 1:
                    assert [target.pid for target in find_targets(pids, follow=False)] == [other]
                else:
                    with pytest.raises(UsageError, match=f"there is no process {dying.pid}"):
                        find_targets(pids, follow=False)


def test_who_is_gone_from_the_beginning_is_an_error_whoever_else_is_named() -> None:
    with running(RUNTIME) as other:
        child = subprocess.Popen(["true"])
        child.wait()
        with pytest.raises(UsageError, match=f"there is no process {child.pid}"):
            find_targets([child.pid, other], follow=False)
