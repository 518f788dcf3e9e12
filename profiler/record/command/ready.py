"""When a command can be profiled: ONNX Runtime is mapped; and loaded: it listens."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from profiler.record.target.mappings import PROC, executable_files
from profiler.record.target.runtimes import mapped_runtimes

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def listens(pids: Iterable[int]) -> bool:
    """Whether one of these processes waits for connections (TCP)."""
    for pid in pids:
        with contextlib.suppress(psutil.Error, OSError):
            sockets = psutil.Process(pid).net_connections(kind="tcp")
            if any(socket.status == psutil.CONN_LISTEN for socket in sockets):
                return True
    return False
