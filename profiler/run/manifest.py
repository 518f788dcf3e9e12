"""run.json, as a type: what was run, where, and how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from profiler import files
from profiler.errors import UsageError
from profiler.run.attached import Attached
from profiler.run.cpu_budget import Cpus
from profiler.run.decoding import CrossCheck
from profiler.run.doubt import Doubt
from profiler.run.fed import InputDigest
from profiler.run.imported import Imported
from profiler.run.injected import Injected
from profiler.run.json_document import not_ours
from profiler.run.neighbour import Neighbour
from profiler.run.processes import PoolRole, Process, together
from profiler.run.ranges import AnyClock, Count, CpuNumber, Nanoseconds, Number
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.container import Container
from profiler.spec.limit import Limit
from profiler.spec.ort_build import OrtConfig
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.spec.workload import Workload

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "ortprof.run/2"
FIRST_SCHEMA = "ortprof.run/1"


class OrtBuild(msgspec.Struct, frozen=True):
    """The ONNX Runtime that ran."""

    version: str
    library: str
    symbols: str
    """`none`, `symtab` or `dwarf`."""
    python: str
    """Version of the interpreter that ran it."""
    build: OrtConfig | None = None
    """None where an interpreter was named, and in runs of versions without the choice."""


class Host(msgspec.Struct, frozen=True):
    """The machine. No name: reports are mailed."""

    cpu: str
    cpus: Count
    """Logical processors that the workload may use."""
    memory_bytes: Count
    kernel: str
    system: str
    cgroup: Count | None = None
    """Version of the hierarchy that limits CPUs; None without one, and in runs of earlier versions."""
    quota: Number | None = None
    """CPUs by the smallest CFS quota that ortprof itself ran under, as in a container; None without one."""


CLOCKS = ("cpu-clock", "task-clock")
"""Events whose period is nanoseconds of CPU time."""


class PerfSettings(msgspec.Struct, frozen=True):
    """How perf sampled."""

    event: str
    frequency_hz: Count
    stack_bytes: Count
    """Stack copied with each sample, for DWARF unwinding."""
    version: str
    waits: Waits = Waits.SWITCHES
    """What was recorded of waits; never `auto`. (Before there was a choice, switches were.)"""
    wait_events: list[str] = []
    """Of `profiler.trace.model.WAIT_EVENTS`, those that were recorded beside the samples."""
    scope: Scope = Scope.PROCESS
    """Where perf counted; never `auto`. (Before there was a choice, in the process.)"""
    scope_reason: str = ""
    """Why there; empty in runs of versions without the choice."""
    scope_cpus: list[CpuNumber] = []
    """The CPUs that it counted on; empty where it counted in the process."""
    waits_reason: str = ""
    """Why that much was recorded of waits; empty in runs of versions that did not say."""
    light: bool = False
    """Leaf addresses alone, sampled by ortprof itself: neither call chains nor perf (docs/light.md)."""

    @property
    def user_only(self) -> bool:
        """Whether the kernel was off limits."""
        return self.event.endswith(":u")

    @property
    def counts_time(self) -> bool:
        """Whether a sample's period is nanoseconds of CPU time."""
        return self.event.startswith(CLOCKS)


class OperatorRecording(msgspec.Struct, frozen=True):
    """What the phase with ONNX Runtime's own profiler recorded, in a session of its own."""

    process: Process
    perf: PerfSettings
    start_ns: AnyClock
    """When ONNX Runtime's profiler started, on a clock of its choice."""
    realtime_ns: AnyClock
    monotonic_ns: Nanoseconds
    """The same instant as `realtime_ns`, at the phase's end."""


class Phase(msgspec.Struct, frozen=True):
    """One executed phase; times are CLOCK_MONOTONIC."""

    name: str
    start_ns: Nanoseconds
    end_ns: Nanoseconds
    stopped: bool = False
    """Ended early, by an interrupt."""
    unserved: Count = 0
    """Requests that were due and never started, because the service was overloaded."""
    requests: Count | None = None
    """Lines of requests.jsonl; None in runs of versions that did not count them."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    schema: str = SCHEMA
    run_id: str
    complete: bool
    created: str
    """UTC, ISO 8601."""
    configuration: SessionConfiguration | None = None
    """None where sessions are somebody else's: `unavailable` says why. So with `workload`. Where
    they were given settings from outside (`injected`), these; what it leaves open is the program's own."""
    workload: Workload | None = None
    imported: Imported | None = None
    """Where a recording comes from that was made elsewhere; None where we made it."""
    attached: Attached | None = None
    """Whom was attached to; None where the workload is ours."""
    injected: Injected | None = None
    """What became of settings from outside; None where sessions got none."""
    limit: Limit | None = None
    container: Container | None = None
    """None on the machine itself."""
    cpus: Cpus | None = None
    """None in runs of versions that did not look."""
    ort: OrtBuild
    host: Host
    perf: PerfSettings | None = None
    """None until perf was attached."""
    process: Process
    """The first, or only one."""
    beside: list[Process] = []
    """Further processes of the same service."""
    inputs: list[InputDigest] = []
    """Of what each session was fed with; empty in runs of versions that did not look."""
    neighbour: Neighbour | None = None
    """None without one."""
    worker_cpus: list[CpuNumber] = []
    """CPUs of the cluster's worker that ran it, which sleeps meanwhile; empty without one."""
    operators: OperatorRecording | None = None
    phases: list[Phase] = []
    commands: dict[str, list[str]] = {}
    """Command lines by tool, so that a reader can repeat them."""
    ortprof: str
    """Our own version."""
    unavailable: list[Doubt] = []
    warnings: list[str] = []
    """What ONNX Runtime itself complained of, each once."""
    keeps_perf_data: bool = False
    """Recordings with other processes' stacks in them stay, too; else they go once they are decoded."""
    cross_check: CrossCheck | None = None
    """In runs of versions that kept it here; else in decoding.json."""

    @property
    def title(self) -> str:
        """The configuration's label; without a configuration of ours, what it is called, or the id."""
        if self.configuration is not None:
            return self.configuration.label
        foreign = self.imported or self.attached
        return self.run_id if foreign is None else foreign.name

    @property
    def keeps_files(self) -> bool:
        """Whether the run keeps copies of the files that were profiled: those of another file system."""
        return (
            self.container is not None
            or (self.imported is not None and self.imported.keeps_files)
            or (self.attached is not None and self.attached.contained)
        )

    @property
    def model(self) -> str:
        """The workload's model; empty without a workload of ours."""
        return "" if self.workload is None else self.workload.model

    @property
    def processes(self) -> list[Process]:
        """All processes."""
        return [self.process, *self.beside]

    @property
    def threads(self) -> Process:
        """Callers, pools and sessions of all processes, as if they were one's."""
        return together(self.processes)

    def phase(self, name: str) -> Phase | None:
        """Return an executed phase by name."""
        return next((phase for phase in self.phases if phase.name == name), None)


def read_manifest(path: Path) -> Manifest:
    """Read run.json of this version or an earlier one; `UsageError` where it is something else."""
    document = files.read_json(path)
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema not in (SCHEMA, FIRST_SCHEMA):
        raise UsageError(f"{path} is not a run that this version of ortprof reads")
    try:
        manifest: Manifest = msgspec.convert(upgraded(document), Manifest)
    except (msgspec.ValidationError, OverflowError) as error:
        raise not_ours(path, error) from error
    for number, phase in enumerate(manifest.phases):
        if phase.end_ns < phase.start_ns:
            raise not_ours(path, f"`$.phases[{number}]` ends before its `start_ns`")
    return manifest


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """Return run.json as this version writes it; version 1 knew one calling thread and one pool a process."""
    if document["schema"] == SCHEMA:
        return document
    changed = {**_with_callers(document), "schema": SCHEMA}
    if isinstance(changed.get("operators"), dict):
        changed["operators"] = _with_callers(changed["operators"])
    return changed


def _with_callers(holder: dict[str, Any]) -> dict[str, Any]:
    process = holder.get("process")
    if not isinstance(process, dict):
        return holder
    tids = process.get("pool_tids", [])
    pools = [{"id": PoolRole.INTRA_OP.value, "role": PoolRole.INTRA_OP.value, "tids": tids}] if tids else []
    kept = {name: value for name, value in process.items() if name not in ("calling_tid", "pool_tids")}
    return {**holder, "process": {**kept, "callers": [process.get("calling_tid")], "pools": pools}}
