"""A short phase of requests, as benchmarks repeat it in turns."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from profiler.record.counters import snapshot

if TYPE_CHECKING:
    from profiler.record.subject.events import Row
    from profiler.record.subject.workload_process import WorkloadProcess


def short_phase(workload: WorkloadProcess, seconds: float, arrivals: str, rate: float) -> tuple[float, float]:
    """Return CPU ms a request and the median latency in ms."""
    rows: list[Row] = []
    command = {"seconds": seconds, "loads": [{"arrivals": arrivals, "rate": rate, "seed": 0}]}
    before = snapshot(workload.pid)
    workload.run("benchmark", command, nothing, rows.extend, lambda: False)
    cpu_ns = snapshot(workload.pid).process_cpu_ns - before.process_cpu_ns
    latency = statistics.median(row.end_ns - row.scheduled_ns for row in rows)
    return cpu_ns / 1e6 / len(rows), latency / 1e6


def nothing() -> None:
    """Wait for the workload without doing anything."""
