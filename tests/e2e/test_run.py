"""`ortprof run`: the command keeps what a shell would give it, and its profile says what it was given."""

from __future__ import annotations

import json
import os
import pty
import shlex
import signal
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from profiler.run import runs
from profiler.run.manifest import read_manifest
from tests.e2e.program import ORTPROF, command_line, finish, run, start, wait_for
from tests.e2e.services import write_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

PROGRAM = """
import os, signal, sys, time
signals = []
def note(number, frame):
    signals.append(signal.Signals(number).name)
signal.signal(signal.SIGINT, note)
signal.signal(signal.SIGTERM, note)
import numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 3
options.enable_profiling = len(sys.argv) > 3
options.profile_file_prefix = sys.argv[-1]
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
print("made", os.getpid(), flush=True)
while not signals and not os.path.exists(sys.argv[2]):
    session.run(None, {"ids": numpy.ones((1, 64), numpy.int64)})
    time.sleep(0.02)
time.sleep(0.5)  # whoever sent it twice has by now
print("ended by", *signals, flush=True)
sys.exit(7)
"""
NEVER = ""
"""No file of that name will be there."""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a program that makes one session, works, and ends with 7 after a signal or for a file."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "program.py").write_text(PROGRAM)
    return [sys.executable, str(folder / "program.py"), str(write_model(folder / "small.onnx"))]


def test_a_command_that_ends_is_profiled_and_its_exit_code_is_ours(
    command: list[str], tmp_path: Path
) -> None:
    given = ("--config", "spin-off", "--threads", "2", "--name", "mine")
    child = start("run", *given, "--", *command, str(tmp_path / "end"), reports=tmp_path / "reports")
    wait_for(child, "ortprof: profile")
    (tmp_path / "end").touch()
    code, out, err = finish(child)
    assert code == 7, err
    assert [line.split()[0] for line in out.splitlines()] == ["made", "ended"]
    [found] = runs.list_runs(tmp_path / "reports")
    manifest = read_manifest(found.manifest)
    assert manifest.complete
    assert manifest.configuration is not None
    assert manifest.configuration.label == "spin-off+t2"
    assert manifest.injected is not None
    assert manifest.injected.whole
    assert {one.key: (one.value, one.overruled) for one in manifest.injected.settings} == {
        "intra_op_num_threads": ("2", 1),
        "session.intra_op.allow_spinning": ("0", 0),
        "session.inter_op.allow_spinning": ("0", 0),
    }
    for name in ("mine", "spin-off"):
        shown = run("show", name, reports=tmp_path / "reports").stdout
        assert "spin-off+t2 was given to all of the program's sessions (1)" in shown
    assert "Settings given to the program" in found.report.read_text()


def test_sigterm_ends_the_profile_and_then_is_the_commands(command: list[str], tmp_path: Path) -> None:
    child = start("run", "--json", "--", *command, NEVER, reports=tmp_path)
    wait_for(child, "ortprof: profile")
    child.send_signal(signal.SIGTERM)
    code, out, err = finish(child)
    assert code == 7, err
    assert "ended by SIGTERM\n" in err
    summary: dict[str, Any] = json.loads(out)
    assert summary["complete"]
    assert summary["config"] is None


def test_keys_are_for_the_whole_foreground_and_sent_once(command: list[str], tmp_path: Path) -> None:
    """In a terminal the command reads and writes it; Ctrl+C reaches it from there, and not from us too."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(ORTPROF, command_line(("run", "--", *command, NEVER), tmp_path))  # noqa: S606  a shell is what nobody asked for
    said = b""
    while b"ortprof: profile" not in said:
        said += os.read(terminal, 4096)
    os.write(terminal, b"\x03")
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:  # the terminal is closed with its last user
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert b"ended by SIGINT\r\n" in said
    assert b"Report: " in said


def test_a_killed_ortprof_leaves_the_command_and_no_client(command: list[str], tmp_path: Path) -> None:
    child = start("run", "--load", "sleep 600", "--", *command, NEVER, reports=tmp_path)
    wait_for(child, "ortprof: profile")
    assert child.stdout is not None
    target = psutil.Process(int(child.stdout.readline().split()[1]))
    others = [one for one in psutil.Process(child.pid).children(recursive=True) if one != target]
    assert "sleep" in {one.name() for one in others}
    child.kill()
    _, alive = psutil.wait_procs(others, timeout=20)
    assert alive == []
    assert target.is_running()
    target.send_signal(signal.SIGTERM)
    assert child.stdout.readline() == "ended by SIGTERM\n"
    child.communicate()


def test_when_the_client_is_done_the_command_is_interrupted(command: list[str], tmp_path: Path) -> None:
    done = tmp_path / "done"
    client = f"sh -c 'until test -e {shlex.quote(str(done))}; do sleep 0.1; done'"
    child = start("run", "--load", client, "--", *command, NEVER, reports=tmp_path / "reports")
    wait_for(child, "ortprof: profile")
    done.touch()
    code, out, err = finish(child)
    assert code == 0, err
    assert "ended by SIGINT\n" in out
    [found] = runs.list_runs(tmp_path / "reports")
    assert read_manifest(found.manifest).complete


def test_a_command_ends_before_its_own_profile_is_read(command: list[str], tmp_path: Path) -> None:
    """With a client it is ended, as ever; then its session has written its profile."""
    prefix, reports = str(tmp_path / "ort"), tmp_path / "reports"
    asked = ("--ort-profile", f"{prefix}*.json", "--load", "sleep 600", "--measure", "1", "--seconds", "1")
    done = run("run", *asked, "--json", "--", *command, NEVER, prefix, reports=reports)
    assert done.returncode == 0, done.stderr
    assert "ended by SIGINT\n" in done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    for phase in ("measured", "profiled"):
        assert summary[phase]["requests"] > 0
        assert summary[phase]["requests_known_by"] == ["ort-profile"]


def test_a_command_that_ends_without_onnx_runtime_gives_its_exit_code(tmp_path: Path) -> None:
    done = run("run", "--", sys.executable, "-c", "import sys; sys.exit(9)", reports=tmp_path)
    assert done.returncode == 9
    assert "ended before it used ONNX Runtime" in done.stderr
    assert runs.list_runs(tmp_path) == []


@pytest.mark.parametrize("options", [(), ("--config", "spin-off")], ids=["as it is", "with settings"])
def test_a_command_has_its_users_environment(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ortprof sets for itself it does not hand on."""
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    told = "echo threads ${OPENBLAS_NUM_THREADS-none} ${OMP_NUM_THREADS-none}"
    done = run("run", *options, "--", "sh", "-c", told, reports=tmp_path)
    assert "threads none 3" in done.stdout + done.stderr


def test_a_command_without_onnx_runtime_is_left_to_itself(tmp_path: Path) -> None:
    end = tmp_path / "end"
    waits = f"until test -e {shlex.quote(str(end))}; do sleep 0.1; done"
    child = start("run", "--startup-timeout", "1", "--", "sh", "-c", waits, reports=tmp_path / "reports")
    wait_for(child, "ortprof: error: no ONNX Runtime was mapped within 1 s")
    end.touch()
    assert finish(child)[0] == 4
    assert runs.list_runs(tmp_path / "reports") == []


def test_what_is_not_there_is_not_started(tmp_path: Path) -> None:
    done = run("run", "--", "no-such-program", reports=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no program no-such-program" in done.stderr
    done = run("run", "--load", "no-such-client", "--", "true", reports=tmp_path)
    assert done.returncode == 2
    assert "--load: there is no program no-such-client" in done.stderr
