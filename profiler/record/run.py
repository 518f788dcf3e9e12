"""One run: spawn the workload, warm up, measure it untouched, profile it, write down what was seen."""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import files
from profiler.errors import InterruptedRunError, MachineError
from profiler.record import capabilities, cluster_workers, host, scope, session_keys
from profiler.record.interrupts import Interrupts
from profiler.record.limit import usable_cpus
from profiler.record.made_up import decisive_inputs
from profiler.record.recording import Recording
from profiler.record.run_spec import RunSpec, open_command
from profiler.record.space import require_space
from profiler.record.subject.input_files import all_handed_over
from profiler.record.subject.opened import fed_of, processes_of
from profiler.record.subject.place import Place, enter
from profiler.record.subject.spawned import Spawned
from profiler.record.subject.workers import Workers
from profiler.run.fed import write_inputs
from profiler.run.manifest import Manifest, OrtBuild
from profiler.run.processes import together
from profiler.spec.configuration import refuse_unhonoured, unknown_entries
from profiler.spec.provider import refuse_missing
from profiler.symbols.elf import ElfFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.record.monitor import Monitor
    from profiler.record.subject.events import Hello
    from profiler.run.directory import RunDirectory
    from profiler.run.doubt import Doubt
    from profiler.run.fed import InputDigest
    from profiler.run.processes import Process


def record(spec: RunSpec, run: RunDirectory, monitor: Monitor) -> bool:
    """Execute one run and write it into `run`; return whether it is complete.

    Raises `WorkloadError` when the workload fails, `MachineError` when perf does, `UsageError` when the
    configuration makes no sense for this ONNX Runtime, `InterruptedRunError` when the user stopped it
    before anything was measured. What was recorded until then is kept.
    """
    require_space(run.path)
    if spec.workload.profile_seconds:
        # Missing, or not allowed? Known before a minute of measuring, not after it.
        capabilities.perf_version()
        scope.require(spec.scope)
    inside = f" in {spec.container.engine.value}, image {spec.container.image}" if spec.container else ""
    monitor.step(f"starting the workload{inside}")
    log = run.path / "workload.log"
    with (
        Interrupts() as interrupts,
        enter(
            spec.container,
            spec.python,
            Path(spec.workload.model_path),
            spec.limit,
            startup_seconds=spec.startup_seconds,
        ) as place,
        all_handed_over(spec.workload.loads) as input_files,
        Workers(place.start, log, spec.workload.processes) as workers,
    ):
        if place.confinement.scope and spec.workload.processes > 1:
            raise MachineError(
                "--cpu-limit: systemd would make a scope, and so a quota, for each of the processes",
                hint="run as root, so that all of them are put into one cgroup",
            )
        said = workers.hello(interrupts.check)
        pids = [place.find(worker.pid, hello.pid) for worker, hello in zip(workers.all, said, strict=True)]
        for pid in pids:
            place.confinement.check(pid)
        hello = said[0]
        refuse_missing(spec.workload.provider, hello.providers, hello.ort_version)
        for load in spec.workload.loads:
            refuse_unhonoured(spec.configuration_of(load), hello.ort_version, spec.settings)
        monitor.step(f"opening {' and '.join(spec.models)} with ONNX Runtime {hello.ort_version}")
        ready = workers.open(open_command(spec, place.model, input_files), interrupts.check)
        write_inputs(run.inputs, fed_of(ready[0], spec.models))
        processes = processes_of(pids, ready, spec.models)
        fed = [session.digest for session in fed_of(ready[0], spec.models)]
        manifest = _manifest(spec, run.run_id, place, hello=hello, processes=processes, inputs=fed)
        for doubt in manifest.unavailable:
            monitor.warn(f"{doubt.why}; {doubt.hint}")
        subject = Spawned(spec, place, workers, processes, log, input_files)
        recording = Recording(
            subject,
            run,
            monitor,
            interrupts,
            manifest,
            spec.frequency_hz,
            spec.waits,
            spec.scope,
            neighbour=spec.neighbour,
            max_bytes=spec.max_bytes,
        )
        try:
            recording.execute()
        finally:
            if recording.worth_keeping():
                recording.save()
        if recording.manifest.phase("measure") is None and recording.manifest.phase("profile") is None:
            raise InterruptedRunError("stopped before anything was measured")
        return recording.manifest.complete


def _unread_entries(spec: RunSpec, hello: Hello, library: Path) -> list[Doubt]:
    """Return doubts about entries that nobody knows, where this ONNX Runtime does not either."""
    configurations = [spec.configuration_of(load) for load in spec.workload.loads]
    keys = sorted({key for one in configurations for key in unknown_entries(one, spec.settings)})
    return session_keys.unread(keys, library, hello.ort_version, spec.settings)


def _manifest(
    spec: RunSpec,
    run_id: str,
    place: Place,
    *,
    hello: Hello,
    processes: Sequence[Process],
    inputs: list[InputDigest],
) -> Manifest:
    pid, pool_tids = processes[0].pid, together(processes).pool_tids
    library = files.below(place.root(pid), hello.ort_library)
    return Manifest(
        run_id=run_id,
        complete=False,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        configuration=spec.configuration,
        workload=spec.workload,
        limit=spec.limit,
        container=place.container,
        cpus=usable_cpus.describe(pid, pool_tids, callers=len(together(processes).callers)),
        ort=OrtBuild(
            version=hello.ort_version,
            library=hello.ort_library,
            symbols=ElfFile.open(library).symbol_level,
            python=hello.python,
            build=spec.build,
        ),
        host=host.describe(),
        process=processes[0],
        beside=list(processes[1:]),
        inputs=inputs,
        unavailable=[
            *_unread_entries(spec, hello, library),
            *decisive_inputs(spec.workload.loads, inputs),
            *cluster_workers.doubts(),
        ],
        commands={"workload": _shown_start(place)},
        ortprof=version("ortprof"),
        keeps_perf_data=spec.keep_perf_data,
        worker_cpus=list(spec.worker_cpus),
    )


def _shown_start(place: Place) -> list[str]:
    """Return the workload's command line; a limit's launcher is nothing to repeat, an engine's is."""
    start = place.start
    return start.command if place.container is None else [*start.prefix, *start.command]
