"""What to record, and with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.record.subject.start import STARTUP_SECONDS
from profiler.spec.configuration import ExecutionMode
from profiler.spec.provider import session_providers
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.spec.workload import Companion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.record.subject.input_files import HandedOver
    from profiler.spec.configuration import SessionConfiguration, Setting
    from profiler.spec.container import ContainerSpec
    from profiler.spec.limit import Limit
    from profiler.spec.ort_build import OrtConfig
    from profiler.spec.workload import SessionLoad, Workload


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
    scope: Scope = Scope.AUTO
    neighbour: bool = False
    """Whether a CPU-bound program runs on the same CPUs in the measure phase."""
    max_bytes: int | None = None
    """Of a recording of perf's; None for any size."""
    keep_perf_data: bool = False
    """Keep recordings though other processes' stacks are in them."""
    startup_seconds: float = STARTUP_SECONDS
    """How long the workload may say nothing where it owes an answer."""
    build: OrtConfig | None = None
    """Which build of ONNX Runtime `python` was chosen for; None when the interpreter was named."""
    worker_cpus: tuple[int, ...] = ()
    """CPUs of the cluster's worker that runs it; empty without one."""

    @property
    def models(self) -> list[str]:
        """The models of the process's sessions, in their order."""
        return [load.model for load in self.workload.loads]

    def configuration_of(self, load: SessionLoad) -> SessionConfiguration:
        """Return the configuration of one of the process's sessions."""
        own = load.configuration if isinstance(load, Companion) else None
        return own or self.configuration


def open_command(
    spec: RunSpec, model: str, files: Sequence[HandedOver], *, profile_prefix: str | None = None
) -> dict[str, Any]:
    """Return the workload's `open` command for a run.

    `model` is the path of the first session's model in the workload's place; `files` are what was read for
    each session's inputs. With `profile_prefix`, ONNX Runtime's own profiler watches the first session.
    """
    loads = spec.workload.loads
    paths = [model, *(load.model_path for load in loads[1:])]
    sessions = [
        _session(spec.configuration_of(load), load, path, handed, spec.workload.provider)
        for load, path, handed in zip(loads, paths, files, strict=True)
    ]
    if profile_prefix is not None:
        sessions[0]["profile_prefix"] = profile_prefix
    command: dict[str, Any] = {"sessions": sessions}
    if spec.workload.global_pool:
        parallel = spec.configuration.execution_mode is ExecutionMode.PARALLEL
        command["global_pool"] = {
            "threads": spec.configuration.threads,
            "inter_op_threads": spec.configuration.inter_op_threads if parallel else 1,
        }
    return command


def _session(
    configuration: SessionConfiguration, load: SessionLoad, path: str, handed: HandedOver, provider: str
) -> dict[str, Any]:
    return {
        "model": path,
        "threads": configuration.threads,
        "inter_op_threads": configuration.inter_op_threads,
        "execution_mode": configuration.execution_mode,
        "entries": configuration.entries,
        "providers": session_providers(provider, configuration.threads),
        "callers": load.concurrency,
        "batch": load.batch,
        "tokens": load.tokens,
        "most_tokens": load.most_tokens,
        "dims": load.dims,
        "seed": load.seed,
        "named": {
            name: [source.distribution, *source.numbers]
            for name, source in load.inputs.named.items()
            if source.distribution is not None
        },
        "files": handed.path,
        "sets": handed.sets,
        "order": load.inputs.order,
    }
