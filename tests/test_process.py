from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from profiler import process
from profiler.errors import MachineError
from profiler.program_output import stream_output
from tests.children import DEAF, SILENT, gone, python
from tests.interrupting import interrupt, interrupting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Spawn = Callable[[str], process.Piped]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """Start children, each waited for until it speaks, so that its signal handlers are in place."""
    started = []

    def start(code: str) -> process.Piped:
        piped = process.spawn_piped(python(code), stderr=tmp_path / "log", extra_environment={})
        started.append(piped)
        assert piped.stdout.readline()
        return piped

    yield start
    for piped in started:
        piped.child.kill()
        piped.child.wait()
        piped.stdin.close()
        piped.stdout.close()


@pytest.fixture
def broken_program(tmp_path: Path) -> Path:
    """An executable file that no kernel can start."""
    program = tmp_path / "broken"
    program.write_bytes(b"\x7fELF and no more")
    program.chmod(0o755)
    return program


def test_run_returns_output_and_exit_code() -> None:
    done = process.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", "err\n")


def test_run_reports_a_killing_signal_as_a_negative_code() -> None:
    assert process.run(python("import os; os.kill(os.getpid(), 9)")).exit_code == -signal.SIGKILL


def test_run_drains_both_pipes() -> None:
    flood = "import sys; [(print('o' * 999), print('e' * 999, file=sys.stderr)) for _ in range(1000)]"
    done = process.run(python(flood))
    assert (len(done.stdout), len(done.stderr)) == (1_000_000, 1_000_000)


def test_run_decodes_messages_whatever_their_bytes() -> None:
    done = process.run(python("import sys; sys.stderr.buffer.write(b'a\\xff')"))
    assert done.stderr == "a\N{REPLACEMENT CHARACTER}"


def test_run_gives_up_after_its_timeout() -> None:
    with pytest.raises(MachineError, match=r"python.* did not finish within 0\.05 s"):
        process.run(python(SILENT), timeout=0.05)


def test_an_interrupt_while_a_program_is_started_does_not_leave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Interrupted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self.pid)
            interrupt()
            signal.sigtimedwait([], 0.05)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with interrupting(), pytest.raises(KeyboardInterrupt):
        process.run(python(SILENT))
    assert gone(started[0])


def test_children_get_no_input_and_a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("PERF_CONFIG", "/somewhere")
    code = "import os, sys; print(repr(sys.stdin.read()), os.environ['LC_ALL'], os.environ['PERF_CONFIG'])"
    assert process.run(python(code)).stdout == b"'' C.UTF-8 /dev/null\n"


def test_what_the_caller_adds_to_the_environment_wins() -> None:
    assert process.clean_environment({"LC_ALL": "C"})["LC_ALL"] == "C"


def test_a_missing_program_is_named() -> None:
    with pytest.raises(MachineError, match=r"^no-such-program is not on PATH$") as caught:
        process.run(["no-such-program"])
    assert caught.value.hint is None


def test_a_missing_perf_comes_with_a_way_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match=r"^perf is not on PATH$") as caught:
        process.which("perf")
    assert "apt-get install linux-perf" in str(caught.value.hint)


def test_a_program_that_cant_be_started_is_a_typed_error(broken_program: Path, tmp_path: Path) -> None:
    command = [str(broken_program)]
    said = "broken could not be started: Exec format error"
    with pytest.raises(MachineError, match=said):
        process.run(command)
    with pytest.raises(MachineError, match=said):
        process.spawn(command, stderr=tmp_path / "log")
    with pytest.raises(MachineError, match=said), stream_output(command):
        pass


def test_stop_lets_a_child_end_by_its_own_means(spawn: Spawn) -> None:
    polite = "import signal, sys; signal.signal(2, lambda *_: sys.exit(7)); " + SILENT
    piped = spawn(polite)
    assert process.stop(piped.child) == 7


def test_stop_starts_with_the_signal_it_is_told(spawn: Spawn) -> None:
    piped = spawn(SILENT)
    assert process.stop(piped.child, first=signal.SIGTERM) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("code", "ended_by"),
    [
        ("import signal; signal.signal(2, signal.SIG_IGN); " + SILENT, signal.SIGTERM),
        (DEAF + SILENT, signal.SIGKILL),
    ],
)
def test_stop_takes_harder_means_where_it_must(
    code: str, ended_by: signal.Signals, spawn: Spawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patience with signals that the child is known to ignore; SIGTERM's victim only has to be scheduled.
    patience = process.TERMINATE_SECONDS if ended_by is signal.SIGTERM else 0.05
    monkeypatch.setattr(process, "TERMINATE_SECONDS", min(patience, 0.5))
    piped = spawn(code)
    assert process.stop(piped.child) == -ended_by
    assert gone(piped.child.pid)


def test_stop_of_an_ended_child_returns_its_exit_code(spawn: Spawn) -> None:
    piped = spawn("print('hi', flush=True); raise SystemExit(4)")
    assert process.wait(piped.child, 30) == 4
    assert process.stop(piped.child) == 4


def test_wait_returns_none_while_a_child_runs(spawn: Spawn) -> None:
    piped = spawn(SILENT)
    assert process.wait(piped.child, 0.01) is None
    assert process.stop(piped.child) == -signal.SIGINT


def test_spawned_children_have_a_session_of_their_own_and_their_messages_are_appended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    code = "import os, sys; print(os.getsid(0) == os.getpid(), os.environ['X'], file=sys.stderr)"
    piped = process.spawn_piped(python(code), stderr=log, extra_environment={"X": "1"})
    with piped.stdin, piped.stdout:
        assert piped.child.wait() == 0
    silent = process.spawn(python("print('thrown away'); import sys; print(1, file=sys.stderr)"), stderr=log)
    assert silent.wait() == 0
    assert log.read_text() == "before\nTrue 1\n1\n"


def test_piped_children_are_spoken_with(spawn: Spawn) -> None:
    code = "import sys; print('ready', flush=True); sys.stdout.write(sys.stdin.read().upper())"
    piped = spawn(code)
    piped.stdin.write(b"hello")
    piped.stdin.close()
    assert piped.stdout.read() == b"HELLO"
    assert piped.child.wait() == 0


def test_shown_output_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert process.show(["sh", "-c", "echo out; echo err >&2; exit 3"]) == 3
    out, err = capfd.readouterr()
    assert out == ""
    assert sorted(err.split()) == ["err", "out"]
    with pytest.raises(MachineError, match="not on PATH"):
        process.show(["ortprof-no-such-program"])


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody else can enter namespaces")
def test_perf_that_is_told_where_files_are_does_not_enter_containers() -> None:
    asked = ("sh", "-c", "grep CapBnd /proc/self/status")
    free, kept_out = (
        int(process.run((*asked, *more)).stdout.split()[1], 16) for more in ((), ("--symfs", "/somewhere"))
    )
    assert free & ~kept_out == free & 1 << process.CAP_SYS_ADMIN
    again = int(process.run(asked).stdout.split()[1], 16)
    assert again == free, "ours is as it was"
