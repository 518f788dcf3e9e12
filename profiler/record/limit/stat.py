"""cpu.stat of either cgroup version."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from profiler.closing import Closing
from profiler.run.throttling import CpuStat

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 8192


def parse_cpu_stat(content: bytes) -> CpuStat:
    """Parse lines of `key value`; keys that are not there count 0.

    Version 1 gives nr_periods, nr_throttled, throttled_time (ns), and from Linux 5.14 on nr_bursts,
    burst_time (ns); version 2 has throttled_usec and burst_usec instead, beside usage_usec and more.
    """
    values = {key: int(value) for key, value in (line.split() for line in content.splitlines())}
    return CpuStat(
        periods=values.get(b"nr_periods", 0),
        throttled_periods=values.get(b"nr_throttled", 0),
        throttled_ns=values.get(b"throttled_time", 1_000 * values.get(b"throttled_usec", 0)),
        bursts=values.get(b"nr_bursts", 0),
        burst_ns=values.get(b"burst_time", 1_000 * values.get(b"burst_usec", 0)),
    )


class CpuStatFile(Closing):
    """An open cpu.stat, to be read often: one system call each time."""

    def __init__(self, cgroup: Path) -> None:
        self._file = os.open(cgroup / "cpu.stat", os.O_RDONLY | os.O_CLOEXEC)
        self._content = b""
        self._stat = CpuStat(0, 0, 0)

    def close(self) -> None:
        """Let go of what it has open."""
        os.close(self._file)

    def read(self) -> CpuStat:
        """Read the counters as they are now; `OSError` once the cgroup is gone."""
        content = os.pread(self._file, LONGEST, 0)
        if content != self._content:
            self._content, self._stat = content, parse_cpu_stat(content)
        return self._stat
