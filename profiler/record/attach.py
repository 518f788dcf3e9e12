"""One run of processes that run already: found, profiled, written down."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import msgspec

from profiler import files
from profiler.attribution.loading.leaf_decode import keep_leaves
from profiler.errors import InterruptedRunError, WorkloadError
from profiler.record import capabilities, host, scope
from profiler.record.interrupts import Interrupts
from profiler.record.logs.ort_profiles import read_profiles
from profiler.record.logs.request_log import RequestLog
from profiler.record.probes.run_probes import RunProbes
from profiler.record.recording import Recording, nothing
from profiler.record.space import require_space
from profiler.record.subject import attached
from profiler.record.target.family import find_targets
from profiler.run.attached import Attached, Target
from profiler.run.doubt import Doubt
from profiler.run.manifest import Manifest, OrtBuild, Phase
from profiler.run.processes import Process
from profiler.spec.log_format import LogFormat
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from profiler.record.monitor import Monitor
    from profiler.run.directory import RunDirectory
    from profiler.run.injected import Injected
    from profiler.run.manifest import PerfSettings
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.request import Request
    from profiler.spec.configuration import SessionConfiguration
    from profiler.trace.model import Trace

UNKNOWN_VERSION = "unknown"
SOMEBODY_ELSES = Doubt(
    "configuration and workload",
    "the process, its sessions and its requests are somebody else's",
    "pools and their settings are inferred from what their threads do",
)

OWN_WORKLOAD = Doubt(
    "the workload",
    "the program, its models and its requests are somebody else's; its sessions were given settings",
    "what a setting did is inferred from what pools' threads do",
)


@dataclass(frozen=True, slots=True)
class AttachSpec:
    """Whom to profile, and how."""

    pids: tuple[int, ...]
    seconds: float
    frequency_hz: int
    follow: bool = False
    started: bool = False
    """Whether the first process is a command that ortprof started."""
    name: str = ""
    """What to call the run; empty: after the first process's program."""
    waits: Waits = Waits.AUTO
    scope: Scope = Scope.AUTO
    keep_perf_data: bool = False
    requests: Path | None = None
    """A log that requests are written into meanwhile."""
    requests_format: LogFormat = LogFormat.JSONL
    ort_profile: Path | None = None
    """What ONNX Runtime's own profiler writes: a file, or several by wildcards."""
    probes: bool = False
    """Whether the kernel's probes on `Run` tell of requests."""
    light: bool = False
    """Whether leaf addresses alone are sampled, for production: without perf."""
    measure_seconds: float = 0.0
    """Before the profile, of a phase in which nothing is attached."""
    max_bytes: int | None = None
    """Of perf's recording; None for any size."""


def _nothing(_targets: Sequence[Target]) -> tuple[None, list[Doubt]]:
    return None, []


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is different where the processes belong to a command that we started."""

    interrupts: Interrupts
    """Entered by whoever handles the command's signals."""
    over: Callable[[], bool]
    """Whether the profile has seen its end, although processes live on."""
    configuration: SessionConfiguration | None = None
    """What its sessions were given."""
    injected: Callable[[Sequence[Target]], tuple[Injected | None, list[Doubt]]] = _nothing
    """Says, at the end, what became of that."""
    cut_short: Callable[[Sequence[Phase]], list[Doubt]] = lambda _: []
    """Says, at the end, what ended these phases before their time."""
    recorded: Callable[[], None] = nothing
    """Called when all phases are over, before the processes' own profile is read."""


def find(spec: AttachSpec) -> list[Target]:
    """Return the processes to profile; errors are those of `find_targets`, `MachineError` without perf.

    A light recording does without it.
    """
    if not spec.light:
        capabilities.perf_version()
        capabilities.sampling_event()
        scope.require(spec.scope)
    return find_targets(spec.pids, follow=spec.follow)


def name_of(spec: AttachSpec, targets: Sequence[Target]) -> str:
    """Return what the run is called."""
    return spec.name or targets[0].command.rpartition(" ")[2]


def attach(
    spec: AttachSpec,
    targets: list[Target],
    run: RunDirectory,
    monitor: Monitor,
    circumstances: Circumstances | None = None,
) -> bool:
    """Profile the processes that `find` found and write that into `run`; return whether it is complete.

    `WorkloadError` when they end before anything was recorded, `MachineError` when perf fails,
    `InterruptedRunError` when the user stopped it before anything was, `UsageError` when its log can't be
    read. What was recorded until then is kept.
    """
    require_space(run.path)
    with contextlib.ExitStack() as stack:
        around = circumstances or Circumstances(stack.enter_context(Interrupts()), lambda: False)
        log = stack.enter_context(_request_log(spec))
        probes = stack.enter_context(contextlib.closing(RunProbes(targets))) if spec.probes else None
        examined = {target.pid for target in targets}
        subject = attached.Attached(
            targets,
            spec.seconds,
            spec.follow,
            log,
            probes,
            spec.measure_seconds,
            around.over,
            [pid for pid in spec.pids if pid not in examined],
        )
        try:
            subject.living()
            recording = Recording(
                subject,
                run,
                monitor,
                around.interrupts,
                _manifest(spec, run.run_id, subject.targets, around.configuration),
                spec.frequency_hz,
                spec.waits,
                spec.scope,
                light=spec.light,
                max_bytes=spec.max_bytes,
                over=around.over,
            )
            try:
                recording.execute()
                around.recorded()
                _read_profiles(spec, recording, subject)
            finally:
                cut_short = around.cut_short(recording.manifest.phases)
                _note_ends(recording, spec, subject, around, cut_short)
        except ProcessLookupError as error:
            raise _all_ended(subject.ended or [target.pid for target in targets]) from error
        for doubt in (*subject.doubts, *cut_short):
            monitor.warn(f"{doubt.what}: {doubt.why}")
        phases = recording.manifest.phases
        if not phases and cut_short:
            raise WorkloadError(cut_short[0].why, hint=cut_short[0].hint)
        if not phases or (spec.seconds and not recording.manifest.phase("profile") and not cut_short):
            if around.interrupts.requested:
                raise InterruptedRunError("stopped before anything was recorded")
            if around.over():
                raise WorkloadError("it was over before anything was recorded")
            raise WorkloadError("nothing was recorded", hint="free space, or choose another --reports DIR")
        return recording.manifest.complete


@dataclass(frozen=True, slots=True)
class Seen:
    """What light sampling saw of processes, from one instant to another."""

    settings: PerfSettings
    targets: list[Target]
    counters: PhaseCounters
    requests: Sequence[Request]
    trace: Trace
    files_root: Path
    doubts: Sequence[Doubt]


def write_seen(spec: AttachSpec, seen: Seen, run: RunDirectory) -> None:
    """Make a run of what was seen, as `attach --light` would have."""
    require_space(run.path)
    begin, end = seen.counters.begin.time_ns, seen.counters.end.time_ns
    first, *others = [Process(target.pid, [], []) for target in seen.targets]
    manifest = msgspec.structs.replace(
        _manifest(spec, run.run_id, seen.targets, None),
        complete=True,
        perf=seen.settings,
        phases=[Phase("profile", begin, end, requests=len(seen.requests))],
        process=first,
        beside=others,
        unavailable=[SOMEBODY_ELSES, *seen.doubts],
    )
    files.write(run.requests, msgspec.json.Encoder().encode_lines(list(seen.requests)))
    keep_leaves(run, seen.trace, seen.files_root)
    files.write_json(run.counters, msgspec.to_builtins({"profile": seen.counters}, str_keys=True))
    files.write_json(run.manifest, msgspec.to_builtins(manifest))


def _request_log(spec: AttachSpec) -> AbstractContextManager[RequestLog | None]:
    """Open the log that was named, where it ends now; `UsageError` when it can't be read."""
    if spec.requests is None:
        return contextlib.nullcontext()
    return RequestLog.open(spec.requests, spec.requests_format)


def _read_profiles(spec: AttachSpec, recording: Recording, subject: attached.Attached) -> None:
    """Take requests from ONNX Runtime's profiles, which are written when the sessions are done."""
    if spec.ort_profile is not None:
        others = [target for target in subject.targets if target.pid not in subject.marking]
        requests, doubts = read_profiles(spec.ort_profile, recording.manifest.phases, others)
        recording.add_requests(requests, doubts)


def _all_ended(pids: Sequence[int]) -> WorkloadError:
    *others, last = map(str, pids)
    named = f"processes {', '.join(others)} and {last}" if others else f"process {last}"
    return WorkloadError(
        f"{named} ended before anything was recorded", hint="attach to a service while it runs"
    )


def _note_ends(
    recording: Recording,
    spec: AttachSpec,
    subject: attached.Attached,
    around: Circumstances,
    cut_short: Sequence[Doubt],
) -> None:
    # Who had ONNX Runtime when the recording began may have ended before its first phase did.
    manifest, main = recording.manifest, _main(subject.targets)
    injected, doubts = around.injected(subject.targets)
    recording.manifest = msgspec.structs.replace(
        manifest,
        attached=Attached(name_of(spec, subject.targets), spec.follow, subject.targets, spec.started),
        process=subject.processes[0],
        beside=list(subject.processes[1:]),
        injected=injected,
        unavailable=[*manifest.unavailable, *subject.doubts, *cut_short, *doubts],
        cpus=main.cpus,
        ort=_runtime_of(main),
        host=msgspec.structs.replace(manifest.host, cpus=len(main.cpus.allowed)),
    )
    if recording.worth_keeping():
        recording.save()


def _manifest(
    spec: AttachSpec, run_id: str, targets: Sequence[Target], configuration: SessionConfiguration | None
) -> Manifest:
    main = _main(targets)
    return Manifest(
        run_id=run_id,
        complete=False,
        created=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        configuration=configuration,
        attached=Attached(name_of(spec, targets), spec.follow, list(targets), spec.started),
        cpus=main.cpus,
        ort=_runtime_of(main),
        host=msgspec.structs.replace(host.describe(), cpus=len(main.cpus.allowed)),
        process=Process(main.pid, [], []),
        keeps_perf_data=spec.keep_perf_data,
        unavailable=[SOMEBODY_ELSES if configuration is None else OWN_WORKLOAD],
        ortprof=version("ortprof"),
    )


def _main(targets: Sequence[Target]) -> Target:
    """Return the first process with ONNX Runtime; the first of all where those that had it have ended."""
    return next((target for target in targets if target.runtimes), targets[0])


def _runtime_of(target: Target) -> OrtBuild:
    if not target.runtimes:
        return OrtBuild(UNKNOWN_VERSION, library="", symbols="none", python=target.python)
    runtime = target.runtimes[0]
    return OrtBuild(
        version=runtime.version or UNKNOWN_VERSION,
        library=runtime.path,
        symbols=runtime.symbols,
        python=target.python,
    )
