"""counters.json: what the kernel counted for each thread at a phase's ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.run.ranges import Count, Nanoseconds, ThreadId
from profiler.run.throttling import Throttling

if TYPE_CHECKING:
    from collections.abc import Iterator


class ThreadCounters(msgspec.Struct, frozen=True):
    """Exact figures of one thread since its start, from /proc/PID/task/TID."""

    comm: str
    cpu_ns: Nanoseconds
    runnable_ns: Nanoseconds
    """Ready to run, waiting for a CPU."""
    voluntary_switches: Count
    involuntary_switches: Count
    started_ticks: Count | None = None
    """When it was created, in clock ticks since boot; None in runs of versions that did not look."""
    process: ThreadId | None = None
    """Whose it is; None where the workload itself says which threads it has. Likewise `cpus`."""
    cpus: str | None = None
    """The logical CPUs that it may run on, as the kernel lists them: `0-3,8`."""

    @property
    def switches(self) -> int:
        """All context switches."""
        return self.voluntary_switches + self.involuntary_switches

    def is_before(self, other: ThreadCounters) -> bool:
        """Whether any figure is smaller than another reading's."""
        return any(
            getattr(self, name) < getattr(other, name)
            for name in self.__struct_fields__
            if name not in ("comm", "started_ticks", "process", "cpus")
        )


NEW = ThreadCounters(comm="", cpu_ns=0, runnable_ns=0, voluntary_switches=0, involuntary_switches=0)
"""Figures of a thread that begins."""


class Snapshot(msgspec.Struct, frozen=True):
    """Counters of a process, or of several, at one instant."""

    time_ns: Nanoseconds
    process_cpu_ns: Nanoseconds
    """The kernel's process CPU clock: every thread's, those that ended included. Of several, the sum."""
    threads: dict[ThreadId, ThreadCounters]
    """In the order in which they were created, as the kernel lists them, process by process."""
    cpu_ns_by_process: dict[ThreadId, Nanoseconds] = {}
    """What `process_cpu_ns` is the sum of; empty where there is one process."""


class PhaseCounters(msgspec.Struct, frozen=True):
    """Snapshots at a phase's ends."""

    begin: Snapshot
    end: Snapshot
    throttling: Throttling | None = None
    """None without a CPU limit."""

    @property
    def contradiction(self) -> str | None:
        """What can't be true of the two readings; None where all can."""
        if self.end.time_ns < self.begin.time_ns:
            return "`end.time_ns` is before `begin.time_ns`"
        if self.end.process_cpu_ns < self.begin.process_cpu_ns:
            return "`end.process_cpu_ns` is less than `begin.process_cpu_ns`"
        for pid, before in self.begin.cpu_ns_by_process.items():
            if self.end.cpu_ns_by_process.get(pid, before) < before:
                return f"`end.cpu_ns_by_process` of {pid} is less than at `begin`"
        return None if self.throttling is None else self.throttling.contradiction

    @property
    def cpu_ns(self) -> int:
        """CPU time of the process in the phase."""
        return self.end.process_cpu_ns - self.begin.process_cpu_ns

    def cpu_ns_of(self, pid: int) -> int:
        """CPU time of one process in the phase."""
        before, after = self.begin.cpu_ns_by_process, self.end.cpu_ns_by_process
        return after[pid] - before.get(pid, 0) if pid in after else self.cpu_ns

    def clock_at_end(self, pid: int | None) -> int:
        """Return what a process's CPU clock showed at the phase's end."""
        return self.end.cpu_ns_by_process.get(pid or 0, self.end.process_cpu_ns)

    @property
    def seconds(self) -> float:
        """Wall time between the snapshots."""
        return (self.end.time_ns - self.begin.time_ns) / 1e9

    def thread_cpu_ns(self) -> dict[int, int]:
        """CPU time of each thread that was there at the end."""
        return {tid: after.cpu_ns - before.cpu_ns for tid, before, after in self._threads()}

    def thread_switches(self) -> dict[int, int]:
        """Context switches of each thread that was there at the end."""
        return {tid: after.switches - before.switches for tid, before, after in self._threads()}

    def thread_voluntary_switches(self) -> dict[int, int]:
        """How often each thread that was there at the end left the CPU by itself: to wait."""
        return {
            tid: after.voluntary_switches - before.voluntary_switches
            for tid, before, after in self._threads()
        }

    def thread_runnable_ns(self) -> dict[int, int]:
        """Time ready without a CPU of each thread that was there at the end."""
        return {tid: after.runnable_ns - before.runnable_ns for tid, before, after in self._threads()}

    def _threads(self) -> Iterator[tuple[int, ThreadCounters, ThreadCounters]]:
        """Yield each thread that was there at the end, with its figures at both ends of the phase."""
        for tid, after in self.end.threads.items():
            before = self.begin.threads.get(tid, NEW)
            # Figures of a thread only grow: smaller ones are those of a new thread that got the id.
            yield tid, NEW if after.is_before(before) else before, after
