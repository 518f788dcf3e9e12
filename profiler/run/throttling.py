"""What a run directory holds of a CPU limit: the kernel's counters, and when the process stood still."""

from __future__ import annotations

import msgspec

from profiler.run.ranges import Count, Nanoseconds, Tick


class CpuStat(msgspec.Struct, frozen=True):
    """cpu.stat of a cgroup, from its beginning on.

    A period counts only while the cgroup has something to run: the kernel stops the period's timer when
    it is idle.
    """

    periods: Count
    throttled_periods: Count
    throttled_ns: Nanoseconds
    """Summed over CPUs: two CPUs that stand still for 1 ms make 2 ms."""
    bursts: Count = 0
    burst_ns: Nanoseconds = 0

    def since(self, before: CpuStat) -> CpuStat:
        """Return what was added since an earlier reading."""
        return CpuStat(
            self.periods - before.periods,
            self.throttled_periods - before.throttled_periods,
            self.throttled_ns - before.throttled_ns,
            self.bursts - before.bursts,
            self.burst_ns - before.burst_ns,
        )


class Period(msgspec.Struct, frozen=True, array_like=True):
    """A stretch between two readings in which the kernel's count of periods grew."""

    end_ns: Nanoseconds
    """CLOCK_MONOTONIC, at most a tick late."""
    cpu_ns: Nanoseconds
    """CPU time of the process since the last period's end."""
    throttled: bool


class Throttling(msgspec.Struct, frozen=True, kw_only=True):
    """What a CPU limit did in one phase."""

    begin: CpuStat
    end: CpuStat
    tick_ns: Tick
    """Between two readings; the resolution of what follows."""
    stretches: list[tuple[Nanoseconds, Nanoseconds]] = []
    """When no thread of the process got CPU time because the quota was used up: begin and end,
    CLOCK_MONOTONIC, ascending, not overlapping."""
    periods: list[Period] = []

    @property
    def contradiction(self) -> str | None:
        """What can't be true of the readings; None where all can."""
        counted = self.counted
        if any(getattr(counted, name) < 0 for name in counted.__struct_fields__):
            return "`throttling.end` counts less than `throttling.begin`"
        edges = [edge for stretch in self.stretches for edge in stretch]
        if edges != sorted(edges):
            return "`throttling.stretches` are not in order of time"
        ends = [period.end_ns for period in self.periods]
        if ends != sorted(ends):
            return "`throttling.periods` are not in order of time"
        return None

    @property
    def counted(self) -> CpuStat:
        """What the kernel counted in the phase."""
        return self.end.since(self.begin)
