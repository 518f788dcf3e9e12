"""One run: spawn the workload, warm up, measure it untouched, profile it, write down what was seen."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files, runs
from profiler.errors import InterruptedRunError
from profiler.record import capabilities, host, waits
from profiler.record.counters import snapshot
from profiler.record.interrupts import Interrupts
from profiler.record.limit import cpus
from profiler.record.limit.confinement import Confinement, confine
from profiler.record.operators import MOST_REQUESTS, OperatorSession
from profiler.record.perf import PerfRecorder, record_command
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
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from profiler.record.monitor import Monitor
    from profiler.spec.limit import Limit
    from profiler.spec.ort_build import OrtConfig
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
    frequency_hz: int
    limit: Limit | None = None
    waits: Waits = Waits.AUTO
    build: OrtConfig | None = None
    """Which build of ONNX Runtime `python` was chosen for; None when the interpreter was named."""


@dataclass(slots=True)
class _Recording:
    """A run as it goes on; `save` writes down what there is."""

    spec: RunSpec
    run: runs.RunDirectory
    monitor: Monitor
    interrupts: Interrupts
    manifest: Manifest
    confinement: Confinement
    requests: list[Request] = field(default_factory=list)
    counters: dict[str, PhaseCounters] = field(default_factory=dict)

    def update(self, **changes: Any) -> None:
        self.manifest = msgspec.structs.replace(self.manifest, **changes)

    def execute(self, workload: WorkloadProcess) -> None:
        """Run the phases; a first interrupt ends the one that runs and leaves out those to come."""
        for name, seconds in self.spec.workload.phases():
            if self.interrupts.requested:
                break
            if seconds:
                self._runner(name)(workload, name, seconds)
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

    def _runner(self, name: str) -> Callable[[WorkloadProcess, str, float], None]:
        return {"profile": self._profile, "operators": self._operators}.get(name, self._phase)

    def _phase(
        self, workload: WorkloadProcess, name: str, seconds: float, requests: int | None = None
    ) -> None:
        """Run one phase; `requests` ends it early."""
        watch = PhaseWatch(self.monitor, name, seconds, workload.pid)
        spec = self.spec.workload
        command = {
            "seconds": seconds,
            "arrivals": spec.arrivals,
            "rate": spec.rate,
            "seed": spec.seed,
            "requests": requests,
        }
        begin = snapshot(workload.pid)

        def on_requests(requests: Sequence[Request]) -> None:
            self.requests.extend(requests)
            watch.saw(requests)

        with self.confinement.sampling(workload.pid) as throttled:
            phase = workload.run(name, command, watch.tick, on_requests, lambda: self.interrupts.requested)
        self.counters[name] = PhaseCounters(begin, snapshot(workload.pid), throttled.result)
        self.update(phases=[*self.manifest.phases, phase])

    def _profile(self, workload: WorkloadProcess, name: str, seconds: float) -> None:
        plan = waits.plan(self.spec.waits, waits.switch_rate(self.counters), seconds, self._stack_bytes)
        settings = self._perf_settings(plan)
        command = self._attached(workload, name, seconds, settings=settings, output=self.run.perf_data)
        self.update(perf=settings, commands={**self.manifest.commands, "perf record": command})
        self.update(unavailable=[*self.manifest.unavailable, *plan.doubts])

    def _operators(self, workload: WorkloadProcess, name: str, seconds: float) -> None:
        self.monitor.step("opening a session with ONNX Runtime's profiler")
        session = OperatorSession(workload, open_command(self.spec), self.run)
        # Off the CPU, the calling thread's times are all that is asked for here.
        asked = Waits.OFF if self.spec.waits is Waits.OFF else Waits.SWITCHES
        settings = self._perf_settings(waits.WaitPlan(asked))
        output = self.run.operators_perf_data
        self._attached(workload, name, seconds, settings=settings, output=output, requests=MOST_REQUESTS)
        self.monitor.step("reading ONNX Runtime's profile")
        recording, doubts = session.finish(settings)
        self.update(operators=recording, unavailable=[*self.manifest.unavailable, *doubts])

    @property
    def _stack_bytes(self) -> int:
        return STACK_BYTES.get(self.manifest.ort.symbols, 8192)

    def _perf_settings(self, plan: waits.WaitPlan) -> PerfSettings:
        return PerfSettings(
            event=capabilities.sampling_event(),
            frequency_hz=self.spec.frequency_hz,
            stack_bytes=self._stack_bytes,
            version=capabilities.perf_version(),
            waits=plan.waits,
            wait_events=list(plan.events),
        )

    def _attached(
        self,
        workload: WorkloadProcess,
        name: str,
        seconds: float,
        *,
        settings: PerfSettings,
        output: Path,
        requests: int | None = None,
    ) -> list[str]:
        """Run one phase under perf; return perf's command line as one would type it in the run directory."""
        self.monitor.step("attaching perf")
        command = record_command(settings, workload.pid, output, capabilities.buffer_pages())
        with PerfRecorder(command, self.run.path / "perf.log") as perf:
            perf.enable()
            self._phase(workload, name, seconds, requests)
            perf.disable()
            perf.finish()
        return [part.replace(str(self.run.path), ".") for part in command]

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
    if spec.workload.profile_seconds:
        capabilities.perf_version()  # missing? known before a minute of measuring, not after it
    monitor.step("starting the workload")
    log = run.path / "workload.log"
    with (
        Interrupts() as interrupts,
        confine(spec.limit) as confinement,
        WorkloadProcess(spec.python, log, confinement.prefix) as workload,
    ):
        hello = workload.hello(interrupts.check)
        confinement.check(workload.pid)
        refuse_unhonoured(spec.configuration, hello["ort_version"], spec.settings)
        for key in unknown_entries(spec.configuration, spec.settings):
            monitor.warn(f"ortprof does not know {key}; ONNX Runtime ignores unknown session entries")
        monitor.step(f"opening {spec.workload.model} with ONNX Runtime {hello['ort_version']}")
        ready = workload.open(open_command(spec), interrupts.check)
        manifest = _manifest(spec, run, workload, hello, ready)
        recording = _Recording(spec, run, monitor, interrupts, manifest, confinement)
        try:
            recording.execute(workload)
        finally:
            if recording.worth_keeping():
                recording.save()
        if recording.manifest.phase("measure") is None and recording.manifest.phase("profile") is None:
            raise InterruptedRunError("stopped before anything was measured")
        return recording.manifest.complete


def open_command(spec: RunSpec) -> dict[str, Any]:
    """Return the workload's `open` command for a run."""
    configuration, workload = spec.configuration, spec.workload
    return {
        "model": workload.model_path,
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
    spec: RunSpec,
    run: runs.RunDirectory,
    workload: WorkloadProcess,
    hello: dict[str, Any],
    ready: dict[str, Any],
) -> Manifest:
    return Manifest(
        run_id=run.run_id,
        complete=False,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        configuration=spec.configuration,
        workload=spec.workload,
        limit=spec.limit,
        cpus=cpus.describe(workload.pid, ready["pool_tids"]),
        ort=OrtBuild(
            version=hello["ort_version"],
            library=hello["ort_library"],
            symbols=ElfFile.open(hello["ort_library"]).symbol_level,
            python=hello["python"],
            build=spec.build,
        ),
        host=host.describe(),
        process=Process(
            pid=workload.pid,
            calling_tid=ready["calling_tid"],
            pool_tids=ready["pool_tids"],
            inputs=ready["inputs"],
        ),
        commands={"workload": workload.command},
        ortprof=version("ortprof"),
    )
