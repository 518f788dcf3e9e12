"""The command itself: started as a shell would start it, waited for, never ended unless somebody asks."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import TYPE_CHECKING

from profiler import process
from profiler.record.target.family import descendants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STEPS = ((signal.SIGINT, 10.0), (signal.SIGTERM, 20.0), (signal.SIGKILL, 10.0))
"""How a command is ended that has no client any more, and how long each step may take it."""
ON_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


class StartedCommand:
    """A command that runs. Whatever ends us, it goes on, as the jobs of a shell do that is killed."""

    def __init__(
        self,
        args: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        stdout: int | None = None,
        stderr: int | None = None,
    ) -> None:
        self._child = process.launch(args, environment, stdout=stdout, stderr=stderr)
        self.pid = self._child.pid

    @property
    def has_ended(self) -> bool:
        """Whether it has; its number stays its own until `wait`."""
        return process.wait(self._child, 0) is not None

    def family(self) -> list[int]:
        """Return its process and those that it has started."""
        return [self.pid, *descendants([self.pid])]

    def send(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if not self.has_ended:
            _kill(self.pid, number)

    def end(self, say: Callable[[str], None]) -> None:
        """Do to it what Ctrl+C would do: the terminal asks everybody in the group.

        What ignores that, as jobs in the background of scripts do, is asked by SIGTERM, and then killed.
        """
        for number, seconds in STEPS:
            say(f"ending the command ({process.signal_name(number)})")
            for pid in self.family():
                with contextlib.suppress(ProcessLookupError):
                    if pid == self.pid or os.getpgid(pid) == os.getpgrp():
                        _kill(pid, number)
            if process.wait(self._child, seconds) is not None:
                return

    def wait_at_most(self, seconds: float) -> None:
        """Wait until it ends, or for so long."""
        process.wait(self._child, seconds)

    def wait(self) -> int:
        """Wait until it ends; return its exit code as a shell would."""
        # Not reaped while it is waited for, so that a signal that comes just then finds it, or its end.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        code = self._child.wait()
        return code if code >= 0 else ON_SIGNAL - code


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
