"""A short phase of requests, as benchmarks repeat it in turns."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING, Any

from profiler.models.prepare import resolve
from profiler.record.counters import snapshot
from profiler.record.run_spec import RunSpec, open_command
from profiler.record.subject.input_files import HandedOver
from profiler.record.subject.phase_run import run_phase
from profiler.spec.workload import make_workload

if TYPE_CHECKING:
    from profiler.record.subject.events import ServedRow
    from profiler.record.subject.workload_process import WorkloadProcess
    from profiler.spec.configuration import SessionConfiguration


def opening(
    model: str, configuration: SessionConfiguration, profile_prefix: str | None = None
) -> dict[str, Any]:
    """Return the `open` command for one session of a model of the catalogue, built if need be."""
    path = str(resolve(model).path)
    workload = make_workload(model=model, model_path=path, weights="")
    spec = RunSpec(configuration, workload, {}, sys.executable, 997)
    return open_command(spec, path, [HandedOver()], profile_prefix=profile_prefix)


def short_phase(workload: WorkloadProcess, seconds: float, arrivals: str, rate: float) -> tuple[float, float]:
    """Return CPU ms a request and the median latency in ms."""
    rows: list[ServedRow] = []
    command = {"seconds": seconds, "loads": [{"arrivals": arrivals, "rate": rate, "seed": 0}]}
    before = snapshot(workload.pid)
    run_phase(
        [workload],
        "benchmark",
        command,
        on_wait=nothing,
        on_rows=lambda _, more: rows.extend(more),
        stop_requested=lambda: False,
    )
    cpu_ns = snapshot(workload.pid).process_cpu_ns - before.process_cpu_ns
    latency = statistics.median(row.end_ns - row.scheduled_ns for row in rows)
    return cpu_ns / 1e6 / len(rows), latency / 1e6


def nothing() -> None:
    """Wait for the workload without doing anything."""
