"""What a run directory's JSON files hold, as types: run.json, requests.jsonl, counters.json."""

from __future__ import annotations

from typing import Any

import msgspec

from profiler.errors import UsageError
from profiler.run.cpu_budget import Cpus
from profiler.run.throttling import Throttling
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.container import Container
from profiler.spec.limit import Limit
from profiler.spec.ort_build import OrtConfig
from profiler.spec.waits import Waits
from profiler.spec.workload import Workload

SCHEMA = "ortprof.run/1"
DAMAGED = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not the document asked for."""


class Unavailable(msgspec.Struct, frozen=True):
    """Something that could not be measured."""

    what: str
    why: str
    hint: str = ""


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
    cpus: int
    """Logical processors that the workload may use."""
    memory_bytes: int
    kernel: str
    system: str


class PerfSettings(msgspec.Struct, frozen=True):
    """How perf sampled."""

    event: str
    frequency_hz: int
    stack_bytes: int
    """Stack copied with each sample, for DWARF unwinding."""
    version: str
    waits: Waits = Waits.SWITCHES
    """What was recorded of waits; never `auto`. (Before there was a choice, switches were.)"""
    wait_events: list[str] = []
    """Of `profiler.trace.model.WAIT_EVENTS`, those that were recorded beside the samples."""

    @property
    def user_only(self) -> bool:
        """Whether the kernel was off limits."""
        return self.event.endswith(":u")


class Process(msgspec.Struct, frozen=True):
    """The process under test."""

    pid: int
    calling_tid: int
    pool_tids: list[int]
    """Threads that the session made."""
    inputs: list[dict[str, Any]] = []


class OperatorRecording(msgspec.Struct, frozen=True):
    """What the phase with ONNX Runtime's own profiler recorded, in a session of its own."""

    process: Process
    perf: PerfSettings
    start_ns: int
    """When ONNX Runtime's profiler started, on a clock of its choice."""
    realtime_ns: int
    monotonic_ns: int
    """The same instant as `realtime_ns`, at the phase's end."""


class Phase(msgspec.Struct, frozen=True):
    """One executed phase; times are CLOCK_MONOTONIC."""

    name: str
    start_ns: int
    end_ns: int
    stopped: bool = False
    """Ended early, by an interrupt."""
    unserved: int = 0
    """Requests that were due and never started, because the service was overloaded."""


class CrossCheck(msgspec.Struct, frozen=True):
    """Our self shares held against `perf report --no-children --no-inline` of the same recording."""

    symbols: int
    largest_deviation_points: float
    """Percentage points."""
    symbol: str
    library: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """run.json."""

    schema: str = SCHEMA
    run_id: str
    complete: bool
    created: str
    """UTC, ISO 8601."""
    configuration: SessionConfiguration
    workload: Workload
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
    operators: OperatorRecording | None = None
    phases: list[Phase] = []
    commands: dict[str, list[str]] = {}
    """Command lines by tool, so that a reader can repeat them."""
    ortprof: str
    """Our own version."""
    unavailable: list[Unavailable] = []
    cross_check: CrossCheck | None = None

    def phase(self, name: str) -> Phase | None:
        """Return an executed phase by name."""
        return next((phase for phase in self.phases if phase.name == name), None)


class Request(msgspec.Struct, frozen=True):
    """One line of requests.jsonl; times are CLOCK_MONOTONIC."""

    phase: str
    scheduled_ns: int
    start_ns: int
    end_ns: int
    cpu_ns: int
    """CPU time of the whole process between start and end."""
    cpu_clock_ns: int | None = None
    """The process's CPU clock at the start. Until the next request's, it counts what this one cost, with the
    spinning that follows. (Earlier versions did not note it.)"""

    @property
    def latency_ns(self) -> int:
        """From the scheduled instant, so that a late start counts."""
        return self.end_ns - self.scheduled_ns


class ThreadCounters(msgspec.Struct, frozen=True):
    """Exact figures of one thread since its start, from /proc/PID/task/TID."""

    comm: str
    cpu_ns: int
    runnable_ns: int
    """Ready to run, waiting for a CPU."""
    voluntary_switches: int
    involuntary_switches: int

    @property
    def switches(self) -> int:
        """All context switches."""
        return self.voluntary_switches + self.involuntary_switches


class Snapshot(msgspec.Struct, frozen=True):
    """Counters of the process at one instant."""

    time_ns: int
    process_cpu_ns: int
    """The kernel's process CPU clock: every thread's, those that ended included."""
    threads: dict[int, ThreadCounters]


class PhaseCounters(msgspec.Struct, frozen=True):
    """Snapshots at a phase's ends."""

    begin: Snapshot
    end: Snapshot
    throttling: Throttling | None = None
    """None without a CPU limit."""

    @property
    def cpu_ns(self) -> int:
        """CPU time of the process in the phase."""
        return self.end.process_cpu_ns - self.begin.process_cpu_ns

    @property
    def seconds(self) -> float:
        """Wall time between the snapshots."""
        return (self.end.time_ns - self.begin.time_ns) / 1e9

    def thread_cpu_ns(self) -> dict[int, int]:
        """CPU time of each thread that was there at the end."""
        before = self.begin.threads
        return {
            tid: thread.cpu_ns - (before[tid].cpu_ns if tid in before else 0)
            for tid, thread in self.end.threads.items()
        }

    def thread_switches(self) -> dict[int, int]:
        """Context switches of each thread that was there at the end."""
        before = self.begin.threads
        return {
            tid: thread.switches - (before[tid].switches if tid in before else 0)
            for tid, thread in self.end.threads.items()
        }


def decode(content: bytes, kind: type[Any], origin: str) -> Any:
    """Decode one JSON document as `kind`; `UsageError` names the file and the key that is wrong."""
    try:
        return msgspec.json.decode(content, type=kind)
    except DAMAGED as error:
        raise UsageError(f"{origin} is not what ortprof writes: {error}") from error


def decode_requests(content: bytes, origin: str) -> list[Request]:
    """Decode requests.jsonl; a last line that was cut off in writing is left out."""
    whole = content[: content.rfind(b"\n") + 1]
    decoder = msgspec.json.Decoder(Request)
    try:
        requests: list[Request] = decoder.decode_lines(whole)
    except DAMAGED as error:
        raise UsageError(f"{origin} is not what ortprof writes: {error}") from error
    return requests
