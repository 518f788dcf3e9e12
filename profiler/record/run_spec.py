"""What to record, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.record.subject.start import STARTUP_SECONDS
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration, Setting
    from profiler.spec.container import ContainerSpec
    from profiler.spec.limit import Limit
    from profiler.spec.ort_build import OrtConfig
    from profiler.spec.workload import Workload


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run: a configuration, a workload, and what runs and limits it."""

    configuration: SessionConfiguration
    workload: Workload
    settings: dict[str, Setting]
    """What is known of session entries, to refuse those that the workload's version ignores."""
    python: str
    """The interpreter, by its path or name where the workload runs."""
    frequency_hz: int
    limit: Limit | None = None
    container: ContainerSpec | None = None
    waits: Waits = Waits.AUTO
    startup_seconds: float = STARTUP_SECONDS
    """How long the workload may say nothing where it owes an answer."""
    build: OrtConfig | None = None
    """Which build of ONNX Runtime `python` was chosen for; None when the interpreter was named."""


def open_command(spec: RunSpec, model: str) -> dict[str, Any]:
    """Return the workload's `open` command for a run; `model` is its file's path in the workload's place."""
    configuration, workload = spec.configuration, spec.workload
    return {
        "model": model,
        "threads": configuration.threads,
        "inter_op_threads": configuration.inter_op_threads,
        "execution_mode": configuration.execution_mode,
        "entries": configuration.entries,
        "batch": workload.batch,
        "tokens": workload.tokens,
        "dims": workload.dims,
        "seed": workload.seed,
    }
