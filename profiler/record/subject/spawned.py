"""A subject of our own making: the workload, started, with its sessions open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import WorkloadError
from profiler.record.counters import process_cpu_ns, snapshot
from profiler.record.operators_phase import PREFIX, OperatorSession
from profiler.record.run_spec import open_command
from profiler.run.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from profiler.record.limit.confinement import Throttled
    from profiler.record.run_spec import RunSpec
    from profiler.record.subject.events import ServedRow
    from profiler.record.subject.input_files import HandedOver
    from profiler.record.subject.place import Place
    from profiler.record.subject.subject import Watching
    from profiler.record.subject.workers import Workers
    from profiler.run.directory import RunDirectory
    from profiler.run.doubt import Doubt
    from profiler.run.manifest import Phase
    from profiler.run.phase_counters import Snapshot
    from profiler.run.processes import Process


@dataclass(frozen=True, slots=True)
class Spawned:
    """The workload in its place: its processes, with their sessions and the threads that call them."""

    spec: RunSpec
    place: Place
    workers: Workers
    processes: Sequence[Process]
    """In the workers' order."""
    log: Path
    files: Sequence[HandedOver]
    """What was read for each session's inputs."""

    def living(self) -> list[int]:
        """Return all workers: they are one service, and none may be missing."""
        pids = [process.pid for process in self.processes]
        for pid in pids:
            process_cpu_ns(pid)
        return pids

    @property
    def phases(self) -> list[tuple[str, float]]:
        """Return the phases that were asked for."""
        return self.spec.workload.phases()

    def snapshot(self) -> Snapshot:
        """Read the counters of all workers."""
        return snapshot(*(process.pid for process in self.processes))

    def pass_phase(
        self, name: str, seconds: float, watching: Watching, *, most_requests: int | None = None
    ) -> Phase:
        """Have the workload run a phase; errors are those of `run_phase`."""
        loads = [
            {"arrivals": load.arrivals, "rate": load.rate, "seed": load.seed}
            for load in self.spec.workload.loads
        ]
        command = {"seconds": seconds, "loads": loads, "requests": most_requests}

        def on_rows(number: int, rows: Sequence[ServedRow]) -> None:
            watching.on_requests([self._request(name, self.processes[number], row) for row in rows])

        return self.workers.run(
            name,
            command,
            on_wait=watching.on_wait,
            on_rows=on_rows,
            stop_requested=watching.stop_requested,
        )

    def _request(self, phase: str, process: Process, row: ServedRow) -> Request:
        """Return a request with who called it, and which pool served it."""
        if row.caller >= len(process.callers):
            raise WorkloadError(f"the workload says that its caller {row.caller} made a request; it has none")
        caller = process.callers[row.caller]
        served = [pool for session in process.sessions if caller in session.callers for pool in session.pools]
        return Request(
            phase=phase,
            scheduled_ns=row.scheduled_ns,
            start_ns=row.start_ns,
            end_ns=row.end_ns,
            cpu_ns=row.cpu_ns,
            cpu_clock_ns=row.cpu_clock_ns,
            process=process.pid,
            caller=caller,
            pool=served[0] if served else None,
            fed=row.fed,
        )

    @property
    def files_root(self) -> Path:
        """Return its root: the machine's own, or its container's."""
        return self.place.root(self.processes[0].pid)

    def sampling_limit(self) -> AbstractContextManager[Throttled]:
        """Watch its CPU limit while a block runs."""
        return self.place.confinement.sampling(*(process.pid for process in self.processes))

    def keep_files(self, folder: Path) -> list[Doubt]:
        """Copy a container's libraries; return what could not be."""
        return self.place.keep_files(self.processes[0].pid, folder)

    def open_operators(self, run: RunDirectory) -> OperatorSession:
        """Open the model anew, with ONNX Runtime's own profiler on, in the one process."""
        prefix = str((run.path / PREFIX).absolute())
        opening = open_command(self.spec, self.place.model, self.files, profile_prefix=prefix)
        return OperatorSession(self.workers.all[0], self.processes[0].pid, opening, self.spec.models, run)
