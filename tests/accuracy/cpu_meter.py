"""CPU time of a process by books other than the process clock that ortprof reads."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path("/sys/fs/cgroup")


class CpuMeter:
    """A control group of the process's own; where none can be made, its threads' schedstat.

    `name` says which. Threads that end while the meter is in use count in the former only.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._group: Path | None = None
        self.name = "schedstat"

    def __enter__(self) -> CpuMeter:
        for parent, file in ((ROOT / "cpuacct", "cpuacct.usage"), (ROOT, "cpu.stat")):
            group = parent / f"ortprof-accuracy-{os.getpid()}-{self._pid}"
            with contextlib.suppress(OSError):
                group.mkdir()
                self._group = group
                if (group / file).exists():
                    (group / "cgroup.procs").write_text(str(self._pid))
                    self.name = f"cgroup {file}"
                    return self
            self._leave()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        """Put the process back to where everything starts, and remove the group."""
        if self._group is not None:
            with contextlib.suppress(OSError):
                (self._group.parent / "cgroup.procs").write_text(str(self._pid))
            with contextlib.suppress(OSError):
                self._group.rmdir()
        self._group = None

    def read_ns(self) -> int:
        """Return the CPU time so far in nanoseconds, from an arbitrary beginning."""
        if self._group is None:
            stats = Path(f"/proc/{self._pid}/task").glob("*/schedstat")
            return sum(int(stat.read_text().split()[0]) for stat in stats)
        usage = self._group / "cpuacct.usage"
        if usage.exists():
            return int(usage.read_text())
        fields = dict(line.split() for line in (self._group / "cpu.stat").read_text().splitlines())
        return int(fields["usage_usec"]) * 1000
