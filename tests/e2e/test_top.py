"""`ortprof top` in a terminal and in a pipe, beside a process that spins."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING

import pytest

from profiler.run import runs
from tests.e2e.program import ORTPROF, run
from tests.e2e.spinner import spinner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.beside

PATIENCE = 60.0


@pytest.fixture
def spinning(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with spinner(small_model, tmp_path_factory.mktemp("program") / "spinner.py") as process:
        yield process.pid


class Terminal:
    """A terminal with `top` in it."""

    def __init__(self, pid: int, reports: Path) -> None:
        self.child, self._master = pty.fork()
        if not self.child:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            os.execv(ORTPROF, [str(ORTPROF), "top", str(pid), "--reports", str(reports)])  # noqa: S606  a shell is what nobody asked for
        self.shown = b""

    def wait_for(self, text: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown[-2000:]
            if select.select([self._master], [], [], 0.2)[0]:
                self.shown += os.read(self._master, 65536)

    def press(self, key: bytes) -> None:
        os.write(self._master, key)

    def end(self) -> int:
        try:
            while select.select([self._master], [], [], PATIENCE)[0]:
                read = os.read(self._master, 65536)
                if not read:
                    break
                self.shown += read
        except OSError:  # how Linux says that the other end is closed
            pass
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        os.close(self._master)
        return code


def test_keys_save_and_quit(spinning: int, tmp_path: Path) -> None:
    terminal = Terminal(spinning, tmp_path)
    terminal.wait_for(b"pool A (2)")
    terminal.press(b"s")
    terminal.wait_for(b"saved:")
    terminal.press(b"q")
    assert terminal.end() == 0
    assert terminal.shown.count(b"\x1b[?1049h") == terminal.shown.count(b"\x1b[?1049l") == 1
    [found] = runs.list_runs(tmp_path)
    assert found.report.exists()
    assert "pool A" in run("show", found.run_id, reports=tmp_path).stdout


def test_an_interrupt_leaves_the_terminal_as_it_was(spinning: int, tmp_path: Path) -> None:
    terminal = Terminal(spinning, tmp_path)
    terminal.wait_for(b"q quits")
    os.kill(terminal.child, signal.SIGINT)
    assert terminal.end() == 130
    assert terminal.shown.rstrip().endswith(b"\x1b[?1049l")
    assert list(tmp_path.iterdir()) == []


def test_lines_without_a_terminal(spinning: int, tmp_path: Path) -> None:
    done = run("top", str(spinning), "--seconds", "6", reports=tmp_path)  # two of them, however late
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) >= 2
    assert all("polling" in line or "nothing sampled" in line for line in lines)
    assert list(tmp_path.iterdir()) == []
