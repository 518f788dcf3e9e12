"""What it takes to start the workload: its ONNX Runtime's version, and the cost of opening a model."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.record.counters import process_cpu_ns
from profiler.record.interrupts import Interrupts
from profiler.record.run import open_command
from profiler.record.workload_process import WorkloadProcess

if TYPE_CHECKING:
    from profiler.record.run import RunSpec


@dataclass(frozen=True, slots=True)
class StartupCost:
    """From the start of the process to the end of the first inference."""

    seconds: float
    cpu_seconds: float


def ort_version(python: str) -> str:
    """Return the version of the ONNX Runtime that an interpreter imports; `WorkloadError` without one."""
    with tempfile.TemporaryDirectory() as folder, Interrupts() as interrupts:
        with WorkloadProcess(python, Path(folder) / "workload.log") as workload:
            return str(workload.hello(interrupts.check)["ort_version"])


def startup_cost(spec: RunSpec) -> StartupCost:
    """Start the workload without its limit, open its model and end it; errors are those of `record`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, Interrupts() as interrupts:
        with WorkloadProcess(spec.python, Path(folder) / "workload.log") as workload:
            workload.hello(interrupts.check)
            workload.open(open_command(spec), interrupts.check)
            return StartupCost(time.monotonic() - began, process_cpu_ns(workload.pid) / 1e9)
