from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from profiler import process
from profiler.errors import MachineError
from tests.interrupting import interrupt, interrupting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Spawn = Callable[[str], process.Piped]

# Says its process id, then waits for ever without a word.
SILENT = "import os, signal; print(os.getpid(), flush=True); signal.pause()"
DEAF = "import signal; signal.signal(2, signal.SIG_IGN); signal.signal(15, signal.SIG_IGN); "


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(pid: int) -> bool:
    """Whether a child has ended and was waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


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
    with pytest.raises(MachineError, match=said), process.stream_output(command):
        pass


def test_lines_come_while_the_program_runs() -> None:
    # The child's second line depends on what the test does after it has read the first.
    code = "import os; print(os.getpid(), flush=True); import signal; signal.sigwait([10]); print('woken')"
    block = f"import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [10]); {code}"
    with process.stream_output(python(block)) as lines:
        os.kill(int(next(lines)), signal.SIGUSR1)
        assert list(lines) == [b"woken\n"]


def test_a_flood_of_messages_does_not_block_the_lines() -> None:
    flood = "import sys; [(print(n), print('e' * 9999, file=sys.stderr)) for n in range(1000)]"
    with process.stream_output(python(flood)) as lines:
        assert [int(line) for line in lines] == list(range(1000))


def test_a_last_line_without_its_end_is_a_line() -> None:
    with process.stream_output(python("print('a\\nb', end='')")) as lines:
        assert list(lines) == [b"a\n", b"b"]


def test_leaving_early_ends_a_program_that_says_no_more() -> None:
    with process.stream_output(python(SILENT)) as lines:
        pid = int(next(lines))
        assert not gone(pid)
    assert gone(pid)


def test_leaving_early_ends_a_program_that_never_stops_talking() -> None:
    with process.stream_output(python("import os\nwhile True: print(os.getpid())")) as lines:
        pid = int(next(lines))
    assert gone(pid)


def test_leaving_early_lets_a_program_end_by_its_own_means(tmp_path: Path) -> None:
    """Before it does, it says more than a pipe holds."""
    code = (
        "import signal, sys\n"
        "def end(*_):\n"
        "    print('x' * (1 << 20), flush=True); open(sys.argv[1], 'w').close(); sys.exit()\n"
        "signal.signal(2, end); print('ready', flush=True); signal.pause()"
    )
    with process.stream_output([*python(code), str(tmp_path / "ended")]) as lines:
        assert next(lines) == b"ready\n"
    assert (tmp_path / "ended").exists()


@pytest.mark.parametrize("goes_on", [SILENT, "import os\nwhile True: print(os.getpid())"])
def test_leaving_early_stops_a_program_that_does_not_end(
    goes_on: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "TERMINATE_SECONDS", 0.05)
    with process.stream_output(python(DEAF + goes_on)) as lines:
        pid = int(next(lines))
    assert gone(pid)


def test_an_error_in_the_block_ends_the_program_and_stays_the_error() -> None:
    pids = []

    def read() -> None:
        with process.stream_output(python(SILENT)) as lines:
            pids.append(int(next(lines)))
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        read()
    assert gone(pids[0])


def test_a_failure_at_the_end_has_the_programs_last_words() -> None:
    code = "import sys; print('a'); print('first\\nlast words', file=sys.stderr); sys.exit(5)"
    with (
        pytest.raises(MachineError, match=r" -c failed with exit code 5: last words$"),
        process.stream_output(python(code)) as lines,
    ):
        assert list(lines) == [b"a\n"]


def test_a_failure_without_words_says_so() -> None:
    with (
        pytest.raises(MachineError, match=r"failed with exit code 5, and said nothing$"),
        process.stream_output(python("import sys; sys.exit(5)")) as lines,
    ):
        assert list(lines) == []


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
