"""`processes` of summary.json: what each worker of a service served, and what it used for that."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from profiler.run.parts import ProcessFigures

if TYPE_CHECKING:
    from profiler.run.manifest import Manifest
    from profiler.run.processes import Process
    from profiler.run.records import Recorded


def process_figures(recorded: Recorded) -> list[ProcessFigures]:
    """Return the figures of each process, in their order."""
    return [_figures(process, recorded) for process in recorded.manifest.processes]


def _figures(process: Process, recorded: Recorded) -> ProcessFigures:
    manifest = recorded.manifest
    return ProcessFigures(
        pid=process.pid,
        command=_command(process, manifest),
        ort=manifest.ort.version,
        callers=len(process.callers),
        pools=[pool.id for pool in process.pools],
        threads=len(process.callers) + len(process.pool_tids),
        measured_ms=_cpu_ms(process, recorded, "measure"),
        measured_requests=_requests(process, recorded, "measure"),
        profiled_ms=_cpu_ms(process, recorded, "profile"),
        profiled_requests=_requests(process, recorded, "profile"),
    )


def _command(process: Process, manifest: Manifest) -> str:
    targets = () if manifest.attached is None else manifest.attached.targets
    attached = [target.command for target in targets if target.pid == process.pid]
    return attached[0] if attached else shlex.join(manifest.commands.get("workload", []))


def _cpu_ms(process: Process, recorded: Recorded, phase: str) -> float | None:
    counters = recorded.counters.get(phase)
    return None if counters is None else counters.cpu_ns_of(process.pid) / 1e6


def _requests(process: Process, recorded: Recorded, phase: str) -> int | None:
    if phase not in recorded.counters:
        return None
    return sum(request.process in (None, process.pid) for request in recorded.requests_of(phase))
