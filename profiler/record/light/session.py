"""Light sampling as it goes on: what was sampled so far, and where it lay."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from profiler.closing import Closing
from profiler.record import capabilities
from profiler.record.light.code_places import CodePlace, CodePlaces
from profiler.record.light.sampler import Sampler, allowed_on_cpus
from profiler.record.limit import usable_cpus
from profiler.run.doubt import Doubt
from profiler.run.manifest import PerfSettings
from profiler.spec.light import FREQUENCY_HZ
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.trace_builder import TraceBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from profiler.record.light.ring import Sample
    from profiler.trace.model import Trace

EVENT = "cpu-clock"
READ_EVERY_S = 1.0
NOTHING = "what a leaf address tells is all that is recorded (--light)"
UNTOLD = (
    Doubt("call chains", NOTHING, "record without --light"),
    Doubt(
        "waits, wake-ups and the anatomy of requests",
        "context switches are counted, not recorded (--light)",
        "record without --light",
    ),
    Doubt(
        "which pool a thread calls, and pools that were created in one go",
        "who wakes whom is not recorded (--light)",
        "record without --light",
    ),
    Doubt(
        "functions that polling loops and other code both call",
        "their leaf does not say who called them: a worker's count as what it mostly does, others are "
        "`unknown` (--light)",
    ),
)


class Leaf(NamedTuple):
    """A sample, and where it lay."""

    pid: int
    tid: int
    place: CodePlace


def plan(pids: Sequence[int], asked: Scope, frequency_hz: int = FREQUENCY_HZ) -> PerfSettings:
    """Decide how to sample processes lightly; `ProcessLookupError` when one is gone.

    On CPUs wherever that is allowed: who else runs there is not looked at, so that nothing is copied of them.
    """
    kernel = capabilities.kernel_visible()
    cpus = sorted(usable_cpus.of_threads(*pids))
    scope, reason = asked, "as asked for"
    if asked is Scope.AUTO:
        allowed = allowed_on_cpus(cpus[0], kernel=kernel)
        scope = Scope.CPUS if allowed else Scope.PROCESS
        reason = "it costs least" if allowed else "whole CPUs may not be watched here"
    return PerfSettings(
        event=EVENT if kernel else f"{EVENT}:u",
        frequency_hz=frequency_hz,
        stack_bytes=0,
        version="",
        waits=Waits.OFF,
        scope=scope,
        scope_reason=reason,
        scope_cpus=cpus if scope is Scope.CPUS else [],
        light=True,
    )


@dataclass(slots=True)
class LightSession(Closing):
    """Sampling in a `with` block, from its beginning on."""

    settings: PerfSettings
    keeps: bool = True
    """Whether `trace` will be asked for."""
    _sampler: Sampler = field(init=False)
    _places: CodePlaces = field(default_factory=CodePlaces)
    _builder: TraceBuilder = field(init=False)
    _read_at: float = 0.0

    def __post_init__(self) -> None:
        """Open the sampling clocks; `MachineError` where the kernel forbids it."""
        self._sampler = Sampler(
            self.settings.frequency_hz,
            self.settings.scope,
            self.settings.scope_cpus,
            kernel=not self.settings.user_only,
        )
        self.restart()

    def restart(self) -> None:
        """Let `trace` begin here."""
        self._builder = TraceBuilder()
        self._builder.event(self.settings.event)

    def close(self) -> None:
        """Let go of what it has open."""
        self._sampler.close()

    def poll(self, pids: Collection[int]) -> None:
        """Read what there is, unless that was done a moment ago."""
        if time.monotonic() - self._read_at >= READ_EVERY_S:
            self.read(pids)

    def read(self, pids: Collection[int]) -> list[Leaf]:
        """Return the samples of these processes since the last call."""
        self._read_at = time.monotonic()
        found = []
        for sample in self._sampler.read(pids):
            place = self._places.find(sample.pid, sample.address, in_kernel=sample.in_kernel)
            found.append(Leaf(sample.pid, sample.tid, place))
            if self.keeps:
                self._keep(sample, place)
        self._places.forget(set(pids))
        return found

    def _keep(self, sample: Sample, place: CodePlace) -> None:
        frame = self._builder.frame(place.offset, place.symbol or None, place.file or None)
        self._builder.sample(
            time_ns=sample.time_ns,
            tid=sample.tid,
            cpu=sample.cpu,
            event=0,
            weight=self._sampler.period_ns,
            stack=self._builder.stack([frame]),
        )

    @property
    def samples(self) -> int:
        """How many samples `trace` has."""
        return self._builder.samples

    @property
    def lost(self) -> int:
        """How many samples the kernel had no room for."""
        return self._sampler.lost

    def trace(self, comms: Mapping[int, str]) -> Trace:
        """Return what was sampled; `comms` are the threads' names."""
        for tid, comm in comms.items():
            self._builder.name_thread(tid, comm)
        self._builder.lost_samples = self.lost
        return self._builder.trace()

    @property
    def doubts(self) -> list[Doubt]:
        """Return what this way of recording can't tell."""
        refused = self._sampler.refused
        more = Doubt(
            f"samples of {refused} threads",
            "the kernel gives no more events: descriptors, or memory that is locked",
            "as root, or with CAP_PERFMON, whole CPUs are watched instead",
        )
        return [*UNTOLD, *([more] if refused else [])]
