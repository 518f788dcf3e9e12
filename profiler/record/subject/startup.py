"""What it takes to start the workload: its ONNX Runtime's version, and the cost of opening a model."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.record.counters import process_cpu_ns
from profiler.record.interrupts import Interrupts
from profiler.record.run_spec import open_command
from profiler.record.subject.input_files import all_handed_over
from profiler.record.subject.start import STARTUP_SECONDS, Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.record.temporary import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.record.run_spec import RunSpec


@dataclass(frozen=True, slots=True)
class StartupCost:
    """From the start of the process to the end of the first inference."""

    seconds: float
    cpu_seconds: float


def ort_version(python: str, startup_seconds: float = STARTUP_SECONDS) -> str:
    """Return the version of the ONNX Runtime that an interpreter imports; `WorkloadError` without one."""
    with _workload(python, startup_seconds) as (workload, check):
        return workload.hello(check).ort_version


def startup_cost(spec: RunSpec) -> StartupCost:
    """Start the workload without its limit, open its model and end it; errors are those of `record`."""
    began = time.monotonic()
    with _workload(spec.python, spec.startup_seconds) as (workload, check):
        workload.hello(check)
        with all_handed_over(spec.workload.loads) as files:
            workload.open(open_command(spec, spec.workload.model_path, files), check)
        return StartupCost(time.monotonic() - began, process_cpu_ns(workload.pid) / 1e9)


@contextlib.contextmanager
def _workload(python: str, startup_seconds: float) -> Iterator[tuple[WorkloadProcess, Callable[[], None]]]:
    """Start a workload that leaves nothing behind, and give what to call while waiting for it."""
    start = Start(python, patience_seconds=startup_seconds)
    with (
        temporary_folder() as folder,
        Interrupts() as interrupts,
        WorkloadProcess(start, folder / "workload.log") as workload,
    ):
        yield workload, interrupts.check
