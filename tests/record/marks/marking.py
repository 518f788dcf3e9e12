"""Programs that mark requests when they are told to."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profiler.record.marks import MARKER
from tests.accuracy.programs import run_compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.record.marks.listener import Listener
    from profiler.run.request import Request

PROGRAMS = Path(__file__).parent / "programs"
SECONDS = 30.0
C_OPTIONS = ("-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{MARKER}")
LANGUAGES = {
    "C": ("gcc", "-std=gnu11", "-x", "c"),
    "C++11": ("g++", "-std=c++11", "-x", "c++"),
    "C++20": ("g++", "-std=c++20", "-x", "c++"),
}


def compiled(language: str, folder: Path) -> Path:
    """Compile the program, once a folder."""
    program = folder / f"marking-{language}"
    compiler, *options = LANGUAGES[language]
    if not program.exists():
        sources = (str(PROGRAMS / "marking.c"), str(PROGRAMS / "second.c"))
        run_compiler(compiler, *options, *C_OPTIONS, "-o", str(program), *sources)
    return program


def python_command(python: str = sys.executable) -> list[str]:
    return [python, str(PROGRAMS / "marking.py"), str(MARKER)]


class Marking:
    """A program that marks requests when it is told to; ends with its block."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.pid: int = self._answer()["pid"]

    def tell(self, command: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Marking:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


def until(happened: Callable[[], Any]) -> Any:
    """Ask again and again; return the first answer that is not empty."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if answer := happened():
            return answer
    raise AssertionError("it never happened")


def noticed(program: Marking, listener: Listener) -> list[Request]:
    """Have a program mark requests until it has noticed the listener; return those read."""
    listener.watch([program.pid])

    def marked() -> list[Request]:
        program.tell("mark")
        return listener.read("profile")

    requests: list[Request] = until(marked)
    return requests
