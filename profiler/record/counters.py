"""Exact CPU time of a process and its threads, from the kernel's own accounting."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler.run.phase_counters import Snapshot, ThreadCounters

if TYPE_CHECKING:
    from collections.abc import Mapping

SWITCHES = re.compile(r"^(non)?voluntary_ctxt_switches:\s+(\d+)$", re.MULTILINE)
ALLOWED = re.compile(r"^Cpus_allowed_list:\s+(\S+)$", re.MULTILINE)
STARTED = 19
"""Place of the start time among the fields after the name (proc_pid_stat(5), field 22)."""
CPUCLOCK_SCHED = 2


def process_cpu_ns(pid: int) -> int:
    """Return the CPU time of a process, ended threads included, in nanoseconds.

    The clock id is that of clock_getcpuclockid(3): the complement of the pid above three bits that name
    the clock (include/linux/posix-timers_types.h). `ProcessLookupError` when the process is gone.
    """
    try:
        return time.clock_gettime_ns((~pid) << 3 | CPUCLOCK_SCHED)
    except OSError as error:
        raise ProcessLookupError(f"no process {pid}") from error


def read_thread(task: Path) -> ThreadCounters:
    """Read /proc/PID/task/TID: schedstat (CPU ns, ready ns, slices), comm, context switches, start time."""
    cpu, runnable, _slices = (task / "schedstat").read_text().split()
    status = (task / "status").read_text(errors="replace")  # the name in it is any bytes
    switches = {prefix: int(count) for prefix, count in SWITCHES.findall(status)}
    return ThreadCounters(
        comm=(task / "comm").read_bytes().rstrip(b"\n").decode(errors="replace"),
        cpu_ns=int(cpu),
        runnable_ns=int(runnable),
        voluntary_switches=switches[""],
        involuntary_switches=switches["non"],
        started_ticks=int((task / "stat").read_bytes().rpartition(b")")[2].split()[STARTED]),
    )


def snapshot(*pids: int) -> Snapshot:
    """Read the counters of processes; threads that end meanwhile are left out.

    `ProcessLookupError` when one of the processes is gone.
    """
    threads = {tid: counters for pid in pids for tid, counters in _threads_of(pid).items()}
    clocks = {pid: process_cpu_ns(pid) for pid in pids}
    return Snapshot(
        time_ns=time.monotonic_ns(),
        process_cpu_ns=sum(clocks.values()),
        threads=threads,
        cpu_ns_by_process=clocks if len(pids) > 1 else {},
    )


def _threads_of(pid: int) -> dict[int, ThreadCounters]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError as error:
        raise ProcessLookupError(f"no process {pid}") from error
    threads = {}
    for task in tasks:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            threads[int(task.name)] = read_thread(task)
    return threads


def together(snapshots: Mapping[int, Snapshot]) -> Snapshot:
    """Return readings of single processes, by their ids, as one.

    Of threads it says whose each is, and which CPUs it may run on, as far as it is still there to be asked.
    """
    return Snapshot(
        time_ns=max(part.time_ns for part in snapshots.values()),
        process_cpu_ns=sum(part.process_cpu_ns for part in snapshots.values()),
        threads={
            tid: msgspec.structs.replace(thread, process=pid, cpus=_allowed(pid, tid))
            for pid, part in snapshots.items()
            for tid, thread in part.threads.items()
        },
        cpu_ns_by_process={pid: part.process_cpu_ns for pid, part in snapshots.items()},
    )


def _allowed(pid: int, tid: int) -> str | None:
    with contextlib.suppress(OSError):
        allowed = ALLOWED.search(Path(f"/proc/{pid}/task/{tid}/status").read_text(errors="replace"))
        return allowed[1] if allowed else None
    return None
