"""When a limited process stood still, from readings of cpu.stat and of its CPU clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.run.throttling import Period

if TYPE_CHECKING:
    from profiler.run.throttling import CpuStat


class StretchFinder:
    """Fed with readings, oldest first; collects `stretches` and `periods` of a `Throttling`.

    The kernel adds to a cgroup's throttled time only when it lets it run again, so a reading that shows
    more of it ends a stretch. The stretch began when the process's CPU clock last moved: what ran out of
    quota had been running. The kernel's figure is a sum over CPUs, so it bounds the stretch from above.
    A stretch in which another CPU still had quota to burn is none: not every thread stood still.
    """

    def __init__(self, time_ns: int, stat: CpuStat, cpu_ns: int) -> None:
        self.stretches: list[tuple[int, int]] = []
        self.periods: list[Period] = []
        self._stat = stat
        self._cpu_ns = self._period_cpu_ns = cpu_ns
        self._progress_ns = time_ns
        """The last reading whose CPU clock had moved."""

    def see(self, time_ns: int, stat: CpuStat, cpu_ns: int) -> None:
        """Take the next reading: its time (CLOCK_MONOTONIC), cpu.stat, and the process's CPU clock."""
        added = stat.since(self._stat)
        if added.throttled_ns > 0:
            begin = max(self._progress_ns, time_ns - added.throttled_ns)
            if begin < time_ns:
                self.stretches.append((begin, time_ns))
            self._progress_ns = time_ns
        if added.periods > 0:
            self.periods.append(Period(time_ns, cpu_ns - self._period_cpu_ns, added.throttled_periods > 0))
            self._period_cpu_ns = cpu_ns
        if cpu_ns != self._cpu_ns:
            self._progress_ns = time_ns
        self._stat, self._cpu_ns = stat, cpu_ns
