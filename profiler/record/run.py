"""One run: spawn the workload, warm up, measure it untouched, profile it, write down what was seen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files, runs
from profiler.errors import InterruptedRunError, MachineError
from profiler.record import capabilities, host, waits
from profiler.record.container.namespaces import outer_tids
from profiler.record.counters import process_cpu_ns, snapshot
from profiler.record.interrupts import Interrupts
from profiler.record.limit import cpus
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.place import Place, enter
from profiler.record.watch import PhaseWatch
from profiler.record.workload_process import WorkloadProcess
from profiler.spec.configuration import SessionConfiguration, Setting, refuse_unhonoured, unknown_entries
from profiler.spec.manifest import (
    Manifest,
    OrtBuild,
    PerfSettings,
    PhaseCounters,
    Process,
    Request,
    Unavailable,
)
from profiler.spec.waits import Waits
from profiler.symbols.elf import ElfFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.record.monitor import Monitor
    from profiler.spec.container import ContainerSpec
    from profiler.spec.limit import Limit
    from profiler.spec.workload import Workload

STACK_BYTES = {"dwarf": 32768}
"""Stack copied with a sample where 8 kB are too few: at -O0, frames are large and stacks deep."""


@dataclass(frozen=True, slots=True)
class RunSpec:
    """What to record, and with what."""

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


@dataclass(slots=True)
class _Recording:
    """A run as it goes on; `save` writes down what there is."""

    spec: RunSpec
    run: runs.RunDirectory
    monitor: Monitor
    interrupts: Interrupts
    manifest: Manifest
    place: Place
    requests: list[Request] = field(default_factory=list)
    counters: dict[str, PhaseCounters] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """The workload's process id on this machine."""
        return self.manifest.process.pid

    def update(self, **changes: Any) -> None:
        self.manifest = msgspec.structs.replace(self.manifest, **changes)

    def execute(self, workload: WorkloadProcess) -> None:
        """Run the phases; a first interrupt ends the one that runs and leaves out those to come."""
        for name, seconds in self.spec.workload.phases():
            if self.interrupts.requested:
                break
            if seconds:
                (self._profile if name == "profile" else self._phase)(workload, name, seconds)
        stopped = any(phase.stopped for phase in self.manifest.phases) or self.interrupts.requested
        unserved = [
            Unavailable(
                f"{phase.unserved} requests of the {phase.name} phase",
                "they were due and never started: they arrive faster than they are served",
                "lower --rate, or find out what can be served with --arrivals closed",
            )
            for phase in self.manifest.phases
            if phase.unserved
        ]
        self.update(complete=not stopped, unavailable=[*self.manifest.unavailable, *unserved])

    def _phase(self, workload: WorkloadProcess, name: str, seconds: float) -> None:
        watch = PhaseWatch(self.monitor, name, seconds, self.pid)
        spec = self.spec.workload
        command = {"seconds": seconds, "arrivals": spec.arrivals, "rate": spec.rate, "seed": spec.seed}
        begin = snapshot(self.pid)

        def on_requests(requests: Sequence[Request]) -> None:
            self.requests.extend(requests)
            watch.saw(requests)

        with self.place.confinement.sampling(self.pid) as throttled:
            phase = workload.run(name, command, watch.tick, on_requests, lambda: self.interrupts.requested)
        self.counters[name] = PhaseCounters(begin, snapshot(self.pid), throttled.result)
        self.update(phases=[*self.manifest.phases, phase])

    def _profile(self, workload: WorkloadProcess, name: str, seconds: float) -> None:
        self.monitor.step("attaching perf")
        stack_bytes = STACK_BYTES.get(self.manifest.ort.symbols, 8192)
        plan = waits.plan(self.spec.waits, waits.switch_rate(self.counters), seconds, stack_bytes)
        settings = PerfSettings(
            event=capabilities.sampling_event(),
            frequency_hz=self.spec.frequency_hz,
            stack_bytes=stack_bytes,
            version=capabilities.perf_version(),
            waits=plan.waits,
            wait_events=list(plan.events),
        )
        command = record_command(settings, self.pid, self.run.perf_data, capabilities.buffer_pages())
        with PerfRecorder(command, self.run.path / "perf.log") as perf:
            self._enable(perf)
            self._phase(workload, name, seconds)
            perf.disable()
            perf.finish()
        lost = self.place.keep_files(self.pid, self.run.mapped)
        shown = [part.replace(str(self.run.path), ".") for part in command]
        self.update(perf=settings, commands={**self.manifest.commands, "perf record": shown})
        self.update(unavailable=[*self.manifest.unavailable, *plan.doubts, *lost])

    def _enable(self, perf: PerfRecorder) -> None:
        try:
            perf.enable()
        except MachineError:
            process_cpu_ns(self.pid)  # `ProcessLookupError` when perf failed because the workload is gone
            raise

    def worth_keeping(self) -> bool:
        """Whether there is more than a warm-up, from which nothing can be reported."""
        phases = {phase.name for phase in self.manifest.phases} | {entry.phase for entry in self.requests}
        return not phases <= {"warmup"}

    def save(self) -> None:
        """Write requests.jsonl, counters.json and run.json, in this order: run.json makes it a run."""
        encoder = msgspec.json.Encoder()
        files.write(self.run.requests, encoder.encode_lines(self.requests))
        files.write_json(self.run.counters, msgspec.to_builtins(self.counters, str_keys=True))
        files.write_json(self.run.manifest, msgspec.to_builtins(self.manifest))


def record(spec: RunSpec, run: runs.RunDirectory, monitor: Monitor) -> bool:
    """Execute one run and write it into `run`; return whether it is complete.

    Raises `WorkloadError` when the workload fails, `MachineError` when perf does, `UsageError` when the
    configuration makes no sense for this ONNX Runtime, `InterruptedRunError` when the user stopped it
    before anything was measured. What was recorded until then is kept.
    """
    capabilities.perf_version()  # before a minute of measuring, not after it
    inside = f" in {spec.container.engine.value}, image {spec.container.image}" if spec.container else ""
    monitor.step(f"starting the workload{inside}")
    log = run.path / "workload.log"
    with (
        Interrupts() as interrupts,
        enter(spec.container, spec.python, Path(spec.workload.model_path), spec.limit) as place,
        WorkloadProcess(place.start, log) as workload,
    ):

        def on_wait() -> None:
            if interrupts.requested:
                raise InterruptedRunError("stopped before anything was measured")

        hello = workload.hello(on_wait)
        pid = place.find(workload.pid, hello["pid"])
        place.confinement.check(pid)
        refuse_unhonoured(spec.configuration, hello["ort_version"], spec.settings)
        for key in unknown_entries(spec.configuration, spec.settings):
            monitor.warn(f"ortprof does not know {key}; ONNX Runtime ignores unknown session entries")
        monitor.step(f"opening {spec.workload.model} with ONNX Runtime {hello['ort_version']}")
        ready = workload.open(_open_command(spec, place.model), on_wait)
        manifest = _manifest(spec, run.run_id, place, pid=pid, hello=hello, ready=ready)
        recording = _Recording(spec, run, monitor, interrupts, manifest, place)
        try:
            recording.execute(workload)
        finally:
            if recording.worth_keeping():
                recording.save()
        if recording.manifest.phase("measure") is None and recording.manifest.phase("profile") is None:
            raise InterruptedRunError("stopped before anything was measured")
        return recording.manifest.complete


def _open_command(spec: RunSpec, model: str) -> dict[str, Any]:
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


def _manifest(
    spec: RunSpec, run_id: str, place: Place, *, pid: int, hello: dict[str, Any], ready: dict[str, Any]
) -> Manifest:
    calling_tid, *pool_tids = outer_tids(pid, [ready["calling_tid"], *ready["pool_tids"]])
    return Manifest(
        run_id=run_id,
        complete=False,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        configuration=spec.configuration,
        workload=spec.workload,
        limit=spec.limit,
        container=place.container,
        cpus=cpus.describe(pid, pool_tids),
        ort=OrtBuild(
            version=hello["ort_version"],
            library=hello["ort_library"],
            symbols=ElfFile.open(files.below(place.root(pid), hello["ort_library"])).symbol_level,
            python=hello["python"],
        ),
        host=host.describe(),
        process=Process(
            pid=pid,
            calling_tid=calling_tid,
            pool_tids=pool_tids,
            inputs=ready["inputs"],
        ),
        commands={"workload": _shown_start(place)},
        ortprof=version("ortprof"),
    )


def _shown_start(place: Place) -> list[str]:
    """Return the workload's command line; a limit's launcher is nothing to repeat, an engine's is."""
    start = place.start
    return start.command if place.container is None else [*start.prefix, *start.command]
