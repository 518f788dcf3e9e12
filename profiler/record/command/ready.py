"""When a command can be profiled: ONNX Runtime is mapped; and loaded: it listens."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from profiler.record.counters import process_cpu_ns
from profiler.record.target.mappings import PROC, executable_files
from profiler.record.target.runtimes import mapped_runtimes

if TYPE_CHECKING:
    from collections.abc import Iterable

LISTEN_SECONDS = 5.0
"""How long to wait for a command to listen that does nothing meanwhile."""
MOST_SECONDS = 15.0
"""And for one that works: on a crowded machine it may take so long to start."""
QUIET_SECONDS = 1.0
WORKS_NS = 10_000_000
"""CPU time of a command that works, from one time that it was seen to, to the next."""


@dataclass(slots=True)
class RuntimeLookout:
    """Looks for ONNX Runtime in processes as they grow; each file is looked into once."""

    _seen: set[str] = field(default_factory=set)

    def sees_any(self, pids: Iterable[int]) -> bool:
        """Whether one of these processes has it mapped. Those that are gone, or closed to us, have not."""
        return any(map(self._in_one, pids))

    def _in_one(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            mapped = executable_files((PROC / str(pid) / "maps").read_text(errors="replace"))
            new = [file for file in mapped if file.path not in self._seen]
            self._seen.update(file.path for file in new)
            return bool(mapped_runtimes(pid, new))
        return False


@dataclass(slots=True)
class ListenPatience:
    """How long to wait for a command to listen that may never do so: longer while it works on its start."""

    began: float
    """Seconds, as those that `over` is asked with."""
    _worked: float = field(init=False)
    _cpu_ns: int = 0

    def __post_init__(self) -> None:
        """Suppose that it works as yet."""
        self._worked = self.began

    def over(self, now: float, cpu_ns: int) -> bool:
        """Whether to wait no longer for a command that has used so much CPU time by now."""
        if cpu_ns - self._cpu_ns >= WORKS_NS:
            self._worked, self._cpu_ns = now, cpu_ns
        waited = now - self.began
        return waited >= MOST_SECONDS or (waited >= LISTEN_SECONDS and now - self._worked >= QUIET_SECONDS)


def cpu_ns(pids: Iterable[int]) -> int:
    """Return the CPU time that processes have used, of those that are there."""
    used = 0
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            used += process_cpu_ns(pid)
    return used


def listens(pids: Iterable[int]) -> bool:
    """Whether one of these processes waits for connections (TCP)."""
    for pid in pids:
        with contextlib.suppress(psutil.Error, OSError):
            sockets = psutil.Process(pid).net_connections(kind="tcp")
            if any(socket.status == psutil.CONN_LISTEN for socket in sockets):
                return True
    return False
