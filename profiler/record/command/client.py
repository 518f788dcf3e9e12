"""A client that loads a command: on other CPUs where there are any; it ends with us, however we end."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import UsageError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Collection, Sequence

LEASH = Path(__file__).with_name("leash.py")
AGAIN_SECONDS = 0.5
"""Until a client is started again that was refused because its service was not ready."""


def parse_client(text: str) -> tuple[str, ...]:
    """Split a command line as a shell would, without running one; `UsageError` where it names no program."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--load {text!r}: {error}") from error
    if not words:
        raise UsageError("--load '': a command, not nothing")
    if shutil.which(words[0]) is None:
        raise UsageError(
            f"--load: there is no program {words[0]}",
            hint="it is no shell that starts it; for one: --load \"sh -c '...'\"",
        )
    return tuple(words)


def other_cpus(taken: Collection[int]) -> list[int]:
    """Return the machine's CPUs that the command may not use; empty where it may use all."""
    return sorted(set(range(os.cpu_count() or 1)) - set(taken))


class LoadClient:
    """A client, in a `with` block: started when asked, ended at its end; all of its output goes to a file."""

    def __init__(self, command: Sequence[str], output: int) -> None:
        self._command = command
        self._output = output
        self._child: subprocess.Popen[bytes] | None = None
        self._cpus: Sequence[int] = ()
        self._started = 0.0
        self.restarts = 0
        """How often it was started again."""

    def __enter__(self) -> LoadClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, cpus: Sequence[int]) -> None:
        """Start it on these CPUs; on all where there are none."""
        self._cpus = cpus
        leash = [sys.executable, "-I", str(LEASH), str(os.getpid()), ",".join(map(str, cpus))]
        self._child = process.launch(
            [*leash, *self._command], stdout=self._output, stderr=self._output, apart=True
        )
        self._started = time.monotonic()

    def start_again(self) -> bool:
        """Start it again where it failed, after a while: its service was not ready. Return whether it was."""
        if not self.exit_code or time.monotonic() - self._started < AGAIN_SECONDS:
            return False
        self.stop()
        self.start(self._cpus)
        self.restarts += 1
        return True

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, and before it was started."""
        return None if self._child is None else process.wait(self._child, 0)

    def stop(self) -> None:
        """End it, and what it started."""
        if self._child is not None:
            process.stop(self._child)
            self._child = None
