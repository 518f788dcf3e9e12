"""The parent's side of the workload: start it, speak its protocol, never wait for ever."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import psutil

from profiler import own_threads, process
from profiler.raising import held
from profiler.record.subject import explained
from profiler.record.subject.events import DECODER, Failed, Hello, Profiled, Ready

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from profiler.errors import OrtprofError
    from profiler.record.subject.events import Event
    from profiler.record.subject.start import Start

    Kind = TypeVar("Kind", Hello, Ready, Profiled)

TICK_SECONDS = 0.2
STOPPED_SECONDS = 5.0
"""How long after the end of its phase a workload may stand still before it counts as stopped."""
LONGEST_LINE = 1 << 24
"""Bytes of an event; what goes on without a line's end is no event."""
ENVIRONMENT = {
    **own_threads.NONE_FOR_NUMPY,
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class WorkloadProcess:
    """A started workload; it and whatever it started end with the `with` block, whatever happens in it.

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
        self.begin_end()
        self.end(process.TERMINATE_SECONDS if error is None else 0.2)
        if ended is not None:
            raise ended from None

    def begin_end(self) -> None:
        """Ask it to exit, by end of file."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def end(self, seconds: float) -> None:
        """End it, by force where it does not exit within that time; nothing of it is left."""
        with held():
            process.wait(self._child, seconds)
            process.stop(self._child, first=signal.SIGTERM)
            self._stdout.close()

    @property
    def has_ended(self) -> bool:
        """Whether the started program is no more."""
        return process.wait(self._child, 0) is not None

    def hello(self, on_wait: Callable[[], None]) -> Hello:
        """Wait until the interpreter has imported ONNX Runtime; return what it says of itself."""
        return self._expect(Hello, on_wait)

    def open(self, command: dict[str, Any], on_wait: Callable[[], None]) -> Ready:
        """Create the sessions; return the `ready` event, sent after the first inference of each."""
        self.begin_open(command)
        return self.opened(on_wait)

    def begin_open(self, command: dict[str, Any]) -> None:
        """Have it create its sessions; `opened` waits for that."""
        self._stage = "opening the model"
        self._send(command="open", **command)

    def opened(self, on_wait: Callable[[], None]) -> Ready:
        """Wait until its sessions are open; return the `ready` event."""
        return self._expect(Ready, on_wait)

    def end_profiling(self) -> Profiled:
        """Have ONNX Runtime write what its profiler saw; return the `profile` event."""
        self._stage = "writing ONNX Runtime's profile"
        self._send(command="end_profiling")
        return self._expect(Profiled, lambda: None)

    def begin(self, phase: str, command: Mapping[str, Any]) -> None:
        """Have it begin a phase (`profiler.record.subject.phase_run` reads what comes of it)."""
        self._stage = f"running the {phase} phase"
        self._send(command="run", phase=phase, **command)

    def stop(self) -> None:
        """Have it end its phase early."""
        self._send(command="stop")

    def fileno(self) -> int:
        """Return what can be read from when it has spoken."""
        return self._stdout.fileno()

    def _send(self, **message: object) -> None:
        try:
            self._stdin.write(msgspec.json.encode(message) + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            raise self.death() from None

    def _expect(self, kind: type[Kind], on_wait: Callable[[], None]) -> Kind:
        since = time.monotonic()
        while True:
            event = self.receive()
            on_wait()
            if event is None:
                self.give_up(since)
            elif isinstance(event, kind):
                return event
            else:
                raise self.unexpected(event)

    def give_up(self, since: float) -> None:
        """Raise `WorkloadError` where it owes an answer since that instant, for longer than it may.

        Or at once where it has ended, and something that it started holds its output open.
        """
        if self.has_ended:
            raise self.death()
        late = time.monotonic() - since
        if late > STOPPED_SECONDS and self._is_stopped():
            raise explained.silence(late, self._stage, self._said(), stopped=True)
        if late > self._start.patience_seconds:
            raise explained.silence(self._start.patience_seconds, self._stage, self._said(), stopped=False)

    def _is_stopped(self) -> bool:
        with contextlib.suppress(psutil.Error):
            return psutil.Process(self.pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
        return False

    def receive(self, seconds: float = TICK_SECONDS) -> Event | None:
        """Return the next event, or None when so long passed without one."""
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([self._stdout], [], [], left)[0]:
                return None
            read = os.read(self._stdout.fileno(), 1 << 16)
            if not read:
                raise self.death()
            self._pending += read
            if len(self._pending) > LONGEST_LINE:
                raise explained.nonsense(self._pending, self._start, self._stage, "a line without an end")
        line, _, self._pending = self._pending.partition(b"\n")
        try:
            event: Event = DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise explained.nonsense(line, self._start, self._stage, str(error)) from error
        return event

    def unexpected(self, event: Event) -> OrtprofError:
        """Explain an event that may not come now."""
        if isinstance(event, Failed):
            return explained.failure(event, self._start, self._stage)
        name = type(event).__struct_config__.tag
        return explained.nonsense(str(name).encode(), self._start, self._stage, "not now")

    def death(self) -> OrtprofError:
        """Explain an end without an event; waits until the started program has ended too."""
        code = process.wait(self._child, process.TERMINATE_SECONDS)
        return explained.end(code, self._start, self._stage, self._said())

    def _said(self) -> str:
        return self._log.read_text(errors="replace")
