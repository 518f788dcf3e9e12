"""The parent's side of the workload: start it, speak its protocol, explain how it failed."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import process
from profiler.errors import OrtprofError, UsageError, WorkloadError
from profiler.run.manifest import Phase
from profiler.run.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

PACKAGE = Path(__file__).resolve().parents[2] / "workload"
TICK_SECONDS = 0.2
ENVIRONMENT = {
    # numpy's BLAS would start threads of its own at import.
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def unexplained(_code: int, _said: str) -> OrtprofError | None:
    """Explain nothing: the default of `Start.explain`."""
    return None


@dataclass(frozen=True, slots=True)
class Start:
    """How a workload is started."""

    python: str
    """Its interpreter, as it is called in its place."""
    package: str = str(PACKAGE)
    """Where the interpreter finds the workload."""
    prefix: tuple[str, ...] = ()
    """Stands before the command: what brings it into its place."""
    explain: Callable[[int, str], OrtprofError | None] = unexplained
    """Makes an error of the prefix's own failure, from exit code and standard error; None otherwise."""
    remedy: str = ""
    """What to do where the interpreter has no ONNX Runtime; empty: install it there."""

    @property
    def command(self) -> list[str]:
        """What runs in the workload's place."""
        return [self.python, self.package]


class WorkloadProcess:
    """A started workload; ends with the `with` block, whatever happens in it.

    A `ProcessLookupError` in the block means that it was gone, and becomes the error that says how it ended.
    `pid` is the started program's, which is the workload's own unless the prefix is a program that stays.
    """

    def __init__(self, start: Start, log: Path) -> None:
        self._start = start
        self._log = log
        self._stage = "starting"
        self._pending = b""
        command = [*start.prefix, *start.command]
        piped = process.spawn_piped(command, stderr=log, extra_environment=ENVIRONMENT)
        self._child, self._stdin, self._stdout = piped.child, piped.stdin, piped.stdout
        self.pid = self._child.pid

    def __enter__(self) -> WorkloadProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ended = self.death() if isinstance(error, ProcessLookupError) else None
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()  # end of file asks it to exit
        process.wait(self._child, process.TERMINATE_SECONDS if error is None else 0.2)
        process.stop(self._child, first=signal.SIGTERM)
        self._stdout.close()
        if ended is not None:
            raise ended from None

    def hello(self, on_wait: Callable[[], None]) -> dict[str, Any]:
        """Wait until the interpreter has imported ONNX Runtime; return what it says of itself."""
        return self._expect("hello", on_wait)

    def open(self, command: dict[str, Any], on_wait: Callable[[], None]) -> dict[str, Any]:
        """Create the session; return the `ready` event, sent after the first inference."""
        self._stage = "opening the model"
        self._send(command="open", **command)
        return self._expect("ready", on_wait)

    def end_profiling(self) -> dict[str, Any]:
        """Have ONNX Runtime write what its profiler saw; return the `profile` event."""
        self._stage = "writing ONNX Runtime's profile"
        self._send(command="end_profiling")
        return self._expect("profile", lambda: None)

    def run(
        self,
        phase: str,
        command: dict[str, Any],
        on_wait: Callable[[], None],
        on_requests: Callable[[Sequence[Request]], None],
        stop_requested: Callable[[], bool],
    ) -> Phase:
        """Run one phase to its end, or to a stop; hand over requests as they come."""
        self._stage = f"running the {phase} phase"
        self._send(command="run", phase=phase, **command)
        start_ns = self._expect("started", on_wait)["start_ns"]
        stopping = False
        while True:
            if stop_requested() and not stopping:
                stopping = True
                self._send(command="stop")
            event = self._receive()
            on_wait()
            if event is None:
                continue
            if event["event"] == "requests":
                on_requests([Request(phase, *row) for row in event["rows"]])
            elif event["event"] == "done":
                return Phase(phase, start_ns, event["end_ns"], event["stopped"], event["unserved"])
            else:
                raise self._failure(event)

    def _send(self, **message: object) -> None:
        try:
            self._stdin.write(msgspec.json.encode(message) + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise self.death() from None

    def _expect(self, name: str, on_wait: Callable[[], None]) -> dict[str, Any]:
        while True:
            event = self._receive()
            on_wait()
            if event is not None:
                if event["event"] != name:
                    raise self._failure(event)
                return event

    def _receive(self) -> dict[str, Any] | None:
        """Return the next event, or None when a tick passed without one."""
        deadline = time.monotonic() + TICK_SECONDS
        while b"\n" not in self._pending:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._stdout], [], [], left)[0]:
                return None
            read = os.read(self._stdout.fileno(), 1 << 16)
            if not read:
                raise self.death()
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            event: dict[str, Any] = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise WorkloadError(f"the workload wrote something that is no event: {line[:80]!r}") from error
        return event

    def _failure(self, event: dict[str, Any]) -> OrtprofError:
        """Explain an error event."""
        if event["event"] != "error":
            return WorkloadError(f"the workload sent {event['event']!r} while {self._stage}")
        message = event["message"]
        if event["stage"] == "import":
            return WorkloadError(
                f"ONNX Runtime can't be imported by {self._start.python}: {message}",
                hint=self._start.remedy
                or f"install it there: {self._start.python} -m pip install onnxruntime",
            )
        if event["stage"] == "inputs":
            return UsageError(
                f"no inputs can be made for the model: {message}",
                hint="set symbolic dimensions with --dim NAME=SIZE, --batch and --tokens",
            )
        if event["stage"] == "session":
            return WorkloadError(f"ONNX Runtime can't open the model: {message}")
        return WorkloadError(
            f"the model failed while {self._stage}: {message}",
            hint="inputs are made up from types and shapes; --dim NAME=SIZE sets a symbolic dimension",
        )

    def death(self) -> OrtprofError:
        """Explain an end without an event; waits until the started program has ended too."""
        code = process.wait(self._child, process.TERMINATE_SECONDS)
        if code is None:
            return WorkloadError(f"the workload closed its output while {self._stage}")
        text = self._log.read_text(errors="replace").strip()
        explained = self._start.explain(code, text)
        if explained is not None:
            return explained
        # What runs below another program is reported as shells do: 128 and the signal's number.
        ended_by = -code if code < 0 else code - 128
        how = f"was killed by {_signal_name(ended_by)}" if ended_by > 0 else f"exited with code {code}"
        said = text.splitlines()
        return WorkloadError(
            f"the workload {how} while {self._stage}",
            hint=f"its last words: {said[-1]}" if said else None,
        )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no name
        return f"signal {number}"
