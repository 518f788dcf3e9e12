"""Which ortprof a cgroup or a container belongs to, so that a later one can clear what a killed one left."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PREFIX = "ortprof-"
PROC = Path("/proc")
_NAME = re.compile(PREFIX + r"(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class OwnerMark:
    """A process that made something: ids of processes are used again, with another start time."""

    pid: int
    start_time: int
    """Clock ticks after boot."""

    @property
    def name(self) -> str:
        """The name of what it made."""
        return f"{PREFIX}{self.pid}-{self.start_time}"


def owner_of(pid: int, proc: Path = PROC) -> OwnerMark | None:
    """Return a running process as owner, or None when there is no such process (/proc/PID/stat, field 22)."""
    try:
        stat = (proc / str(pid) / "stat").read_text()
    except OSError:
        return None
    return OwnerMark(pid, int(stat.rpartition(")")[2].split()[19]))


def is_leftover(name: str, proc: Path = PROC) -> bool:
    """Whether a name says that an ortprof made it which no longer runs."""
    named = _NAME.fullmatch(name)
    return named is not None and owner_of(int(named[1]), proc) != OwnerMark(int(named[1]), int(named[2]))
