"""counters.json: what the kernel counted for each thread at a phase's ends."""

from __future__ import annotations

import msgspec

from profiler.run.throttling import Throttling


class ThreadCounters(msgspec.Struct, frozen=True):
    """Exact figures of one thread since its start, from /proc/PID/task/TID."""

    comm: str
    cpu_ns: int
    runnable_ns: int
    """Ready to run, waiting for a CPU."""
    voluntary_switches: int
    involuntary_switches: int

    @property
    def switches(self) -> int:
        """All context switches."""
        return self.voluntary_switches + self.involuntary_switches


class Snapshot(msgspec.Struct, frozen=True):
    """Counters of the process at one instant."""

    time_ns: int
    process_cpu_ns: int
    """The kernel's process CPU clock: every thread's, those that ended included."""
    threads: dict[int, ThreadCounters]


class PhaseCounters(msgspec.Struct, frozen=True):
    """Snapshots at a phase's ends."""

    begin: Snapshot
    end: Snapshot
    throttling: Throttling | None = None
    """None without a CPU limit."""

    @property
    def cpu_ns(self) -> int:
        """CPU time of the process in the phase."""
        return self.end.process_cpu_ns - self.begin.process_cpu_ns

    @property
    def seconds(self) -> float:
        """Wall time between the snapshots."""
        return (self.end.time_ns - self.begin.time_ns) / 1e9

    def thread_cpu_ns(self) -> dict[int, int]:
        """CPU time of each thread that was there at the end."""
        before = self.begin.threads
        return {
            tid: thread.cpu_ns - (before[tid].cpu_ns if tid in before else 0)
            for tid, thread in self.end.threads.items()
        }

    def thread_switches(self) -> dict[int, int]:
        """Context switches of each thread that was there at the end."""
        before = self.begin.threads
        return {
            tid: thread.switches - (before[tid].switches if tid in before else 0)
            for tid, thread in self.end.threads.items()
        }
