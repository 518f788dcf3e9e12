"""A short phase of requests, as benchmarks repeat it in turns."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from profiler.record.counters import snapshot

if TYPE_CHECKING:
    from profiler.record.subject.workload_process import WorkloadProcess
    from profiler.run.request import Request


def short_phase(workload: WorkloadProcess, seconds: float, arrivals: str, rate: float) -> tuple[float, float]:
    """Return CPU ms a request and the median latency in ms."""
    requests: list[Request] = []
    command = {"seconds": seconds, "arrivals": arrivals, "rate": rate, "seed": 0}
    before = snapshot(workload.pid)
    workload.run("benchmark", command, nothing, requests.extend, lambda: False)
    cpu_ns = snapshot(workload.pid).process_cpu_ns - before.process_cpu_ns
    latency = statistics.median(request.latency_ns for request in requests)
    return cpu_ns / 1e6 / len(requests), latency / 1e6


def nothing() -> None:
    """Wait for the workload without doing anything."""
