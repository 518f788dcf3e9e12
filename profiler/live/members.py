"""The processes that are watched, as they come and go."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import OrtprofError
from profiler.record.marks.listener import Listener
from profiler.record.target.examined import Alive, alive, examine_process
from profiler.record.target.family import descendants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.attached import Target
    from profiler.run.request import Request


class Members:
    """Processes, and with `follow` those that they start."""

    def __init__(self, targets: Sequence[Target], *, follow: bool) -> None:
        """Note who they are, but for those that have ended since; `ProcessLookupError` when all have."""
        self._follow = follow
        self._targets: dict[int, Target] = {}
        self._identities: dict[int, Alive] = {}
        for target in targets:
            with contextlib.suppress(ProcessLookupError):
                self._identities[target.pid] = alive(target.pid)
                self._targets[target.pid] = target
        if not self._targets:
            raise ProcessLookupError("the processes have ended")
        self._listener = Listener()
        self._listener.watch(self._targets)
        self.requests_read: list[Request] = []
        """Those of the last call of `requests`."""

    @property
    def pids(self) -> list[int]:
        """Those that are there."""
        return list(self._targets)

    @property
    def targets(self) -> list[Target]:
        """What is known of those that are there."""
        return list(self._targets.values())

    @property
    def runtime_paths(self) -> frozenset[str]:
        """Files with ONNX Runtime's code, whatever they are called."""
        return frozenset(runtime.path for target in self.targets for runtime in target.runtimes)

    @property
    def files_root(self) -> Path:
        """The folder below which their files are: the machine's own, or a container's."""
        contained = next((target.pid for target in self.targets if target.contained), None)
        return Path("/") if contained is None else Path(f"/proc/{contained}/root")

    def command(self, pid: int) -> str:
        """Return a process's program."""
        return self._targets[pid].command if pid in self._targets else ""

    def update(self) -> None:
        """Leave out those that ended, take in children; `ProcessLookupError` once all have ended."""
        for pid, identity in list(self._identities.items()):
            if not identity.still:
                del self._identities[pid]
                self._targets.pop(pid, None)
        if not self._targets:
            raise ProcessLookupError("the processes have ended")
        if self._follow:
            for pid in [child for child in descendants(self._targets) if child not in self._identities]:
                with contextlib.suppress(OrtprofError, ProcessLookupError):
                    self._identities[pid] = alive(pid)
                    self._targets[pid] = examine_process(pid)
        self._listener.watch(self._targets)

    @property
    def marks_requests(self) -> bool:
        """Whether any of them marks its requests."""
        return bool(self._listener.processes)

    def requests(self) -> int:
        """Return how many marked requests ended since the last call."""
        self.requests_read = self._listener.read("profile")
        return len(self.requests_read)

    def close(self) -> None:
        """Let them go on without marks."""
        self._listener.close()
