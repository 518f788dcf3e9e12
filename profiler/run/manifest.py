"""What a run directory's JSON files hold, as types: run.json, requests.jsonl, counters.json."""

from __future__ import annotations

from typing import Any

import msgspec

from profiler.run.cpu_budget import Cpus
from profiler.run.decoding import CrossCheck
from profiler.run.doubt import Doubt
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.container import Container
from profiler.spec.limit import Limit
from profiler.spec.ort_build import OrtConfig
from profiler.spec.waits import Waits
from profiler.spec.workload import Workload

SCHEMA = "ortprof.run/1"


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
    unavailable: list[Doubt] = []
    cross_check: CrossCheck | None = None
    """In runs of versions that kept it here; else in decoding.json."""

    def phase(self, name: str) -> Phase | None:
        """Return an executed phase by name."""
        return next((phase for phase in self.phases if phase.name == name), None)
