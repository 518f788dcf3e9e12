"""Speaks the workload's protocol line by line, as a parent that hides nothing of what it reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

PACKAGE = Path(__file__).parents[2] / "profiler" / "workload"


def write_stand_in(folder: Path, code: str) -> None:
    """Make an `onnxruntime` for PYTHONPATH that runs some code, then gives way to the real one."""
    (folder / "onnxruntime.py").write_text(
        f"{code}\n"
        "import os, sys\n"
        "sys.path.remove(os.path.dirname(__file__))\n"
        "del sys.modules['onnxruntime']\n"
        "import onnxruntime\n"
    )


def session(model: Path, **changes: Any) -> dict[str, Any]:
    """What an `open` command says of one session."""
    known = {
        "model": str(model),
        "threads": 1,
        "inter_op_threads": 1,
        "execution_mode": "sequential",
        "entries": {},
        "providers": ["CPUExecutionProvider"],
        "callers": 1,
        "batch": 1,
        "tokens": 4,
        "most_tokens": None,
        "dims": {},
        "seed": 0,
        "named": {},
        "files": None,
        "sets": [],
        "order": "cycled",
    }
    return {**known, **changes}


def opening(model: Path, **changes: Any) -> dict[str, Any]:
    """What an `open` command says of a process with one session."""
    return {"sessions": [session(model, **changes)]}


class Client:
    """A started workload; killed at the end of the `with` block if it still runs.

    Reads block: a workload that says nothing runs into pytest's time-out.
    """

    def __init__(
        self, log: Path, python: str = sys.executable, environment: dict[str, str] | None = None
    ) -> None:
        self.log = log
        with log.open("wb") as errors:
            self.child = subprocess.Popen(
                [python, str(PACKAGE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **(environment or {})},
            )
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.stdin, self.stdout = self.child.stdin, self.child.stdout

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.child.kill()
        self.child.wait()
        self.stdin.close()
        self.stdout.close()

    def send(self, **command: Any) -> None:
        self.stdin.write(json.dumps(command).encode() + b"\n")
        self.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Return the next event; every line of stdout must be one."""
        line = self.stdout.readline()
        assert line, self.log.read_text()
        event: dict[str, Any] = json.loads(line)
        return event

    def open(self, model: Path, **changes: Any) -> dict[str, Any]:
        """Read hello, open a model and return the event that answers."""
        return self.open_all(opening(model, **changes))

    def open_all(self, command: dict[str, Any]) -> dict[str, Any]:
        """Read hello, open sessions and return the event that answers."""
        assert self.receive()["event"] == "hello"
        self.send(command="open", **command)
        return self.receive()

    def start(
        self,
        phase: str,
        seconds: float,
        arrivals: str = "fixed",
        rate: float = 1.0,
        seed: int = 0,
        **more: Any,
    ) -> int:
        """Start a phase; return its start time once it has started."""
        loads = [{"arrivals": arrivals, "rate": rate, "seed": seed}]
        return self.start_all(phase, seconds, loads, **more)

    def start_all(self, phase: str, seconds: float, loads: list[dict[str, Any]], **more: Any) -> int:
        """Start a phase with a load a session; return its start time once it has started."""
        self.send(command="run", phase=phase, seconds=seconds, loads=loads, **more)
        started = self.receive()
        assert (started["event"], started["phase"]) == ("started", phase)
        start_ns: int = started["start_ns"]
        return start_ns

    def requests(self, phase: str) -> list[list[int]]:
        """Return the next rows of a phase, once there are some."""
        event = self.receive()
        assert (event["event"], event["phase"]) == ("requests", phase)
        rows: list[list[int]] = event["rows"]
        return rows

    def finish(self, phase: str) -> tuple[list[list[int]], dict[str, Any]]:
        """Read until a phase is done; return its rows (as in the protocol) and `done`."""
        rows: list[list[int]] = []
        while True:
            event = self.receive()
            assert event["phase"] == phase
            if event["event"] == "done":
                return rows, event
            assert event["event"] == "requests"
            rows += event["rows"]
