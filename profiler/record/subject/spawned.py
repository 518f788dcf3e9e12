"""A subject of our own making: the workload, started, with its session open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler.record.operators_phase import OperatorSession
from profiler.record.run_spec import open_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from profiler.record.limit.confinement import Throttled
    from profiler.record.run_spec import RunSpec
    from profiler.record.subject.place import Place
    from profiler.record.subject.subject import Watching
    from profiler.record.subject.workload_process import WorkloadProcess
    from profiler.run.directory import RunDirectory
    from profiler.run.doubt import Doubt
    from profiler.run.manifest import Phase
    from profiler.run.processes import Process
    from profiler.run.request import Request


@dataclass(frozen=True, slots=True)
class Spawned:
    """The workload in its place: one process, one session, one thread that calls it."""

    spec: RunSpec
    place: Place
    workload: WorkloadProcess
    process: Process
    log: Path

    @property
    def processes(self) -> tuple[Process, ...]:
        """Return the workload's."""
        return (self.process,)

    @property
    def phases(self) -> list[tuple[str, float]]:
        """Return the phases that were asked for."""
        return self.spec.workload.phases()

    def pass_phase(
        self, name: str, seconds: float, watching: Watching, *, most_requests: int | None = None
    ) -> Phase:
        """Have the workload run a phase; errors are those of `WorkloadProcess.run`."""
        asked = self.spec.workload
        command = {
            "seconds": seconds,
            "arrivals": asked.arrivals,
            "rate": asked.rate,
            "seed": asked.seed,
            "requests": most_requests,
        }

        def on_requests(requests: Sequence[Request]) -> None:
            watching.on_requests([self._placed(request) for request in requests])

        return self.workload.run(name, command, watching.on_wait, on_requests, watching.stop_requested)

    def _placed(self, request: Request) -> Request:
        """Return a request with who called it, and which pool served it."""
        pool = self.process.pools[0].id if self.process.pools else None
        return msgspec.structs.replace(
            request, process=self.process.pid, caller=self.process.callers[0], pool=pool
        )

    def sampling_limit(self) -> AbstractContextManager[Throttled]:
        """Watch its CPU limit while a block runs."""
        return self.place.confinement.sampling(self.process.pid)

    def keep_files(self, folder: Path) -> list[Doubt]:
        """Copy a container's libraries; return what could not be."""
        return self.place.keep_files(self.process.pid, folder)

    def open_operators(self, run: RunDirectory) -> OperatorSession:
        """Open the model anew, with ONNX Runtime's own profiler on."""
        return OperatorSession(
            self.workload, self.process.pid, open_command(self.spec, self.place.model), run
        )
