"""Records a ground-truth program as `ortprof record` does a workload, and attributes what was seen."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler import process
from profiler.attribution.cpu.attribute import attribute
from profiler.attribution.cpu.cpu_figures import cpu_figures
from profiler.attribution.loading.locations import locate_frames
from profiler.attribution.rules.facts import describe_frames
from profiler.attribution.rules.frames import make_frames
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.perf import PerfRecorder, record_command
from profiler.run.kinds import Kind
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters
from profiler.run.processes import Pool, PoolRole, Process
from profiler.run.request import Request
from profiler.spec.scope import Scope
from profiler.trace import perf_script
from tests.accuracy.cpu_meter import CpuMeter
from tests.accuracy.mixtures import FREQUENCY_HZ, GROUPS, standard_error_points
from tests.accuracy.programs import compile_program
from tests.accuracy.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from profiler.process import Piped
    from tests.accuracy.mixtures import Mixture
    from tests.accuracy.programs import Build

STACK_BYTES = 2048
"""The programs' stacks are shallow, and less to copy leaves room for more samples."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One recording beside the truth. Shares are of all CPU time, from 0 to 1."""

    true_shares: dict[str, float]
    shares: dict[str, float]
    samples: int
    total_ms: float
    """ortprof's `cpu.total_ms`."""
    metered_ms: float
    """The same by another of the kernel's books."""
    meter: str

    def difference_points(self, group: str) -> float:
        """Return ortprof's share minus the true one, in percentage points."""
        return 100 * (self.shares[group] - self.true_shares[group])

    @property
    def worst_points(self) -> float:
        """The largest difference of all, in percentage points."""
        return max(abs(self.difference_points(group)) for group in GROUPS)

    @property
    def error_points(self) -> float:
        """The largest standard error of the true shares, in percentage points."""
        return max(standard_error_points(share, self.samples) for share in self.true_shares.values())

    @property
    def meter_deviation(self) -> float:
        """How far `total_ms` is from the meter's figure, as a fraction of it."""
        return abs(self.total_ms / self.metered_ms - 1)


def compare(build: Build, mixture: Mixture, folder: Path, scope: Scope = Scope.PROCESS) -> Comparison:
    """Compile, run, record and attribute; `AssertionError` when the program misbehaves."""
    program = compile_program(build, folder)
    recording = folder / "perf.data"
    event = capabilities.sampling_event()
    cpus = sorted(os.sched_getaffinity(0)) if scope is Scope.CPUS else []
    settings = PerfSettings(
        event, FREQUENCY_HZ, STACK_BYTES, capabilities.perf_version(), scope=scope, scope_cpus=cpus
    )
    piped = process.spawn_piped(
        [str(program)], stderr=folder / "program.log", extra_environment=dict(build.environment)
    )
    try:
        pid = piped.child.pid
        threads = json.loads(_ask(piped, f"workers {mixture.workers} callers {mixture.callers}", "ready"))
        command = record_command(settings, [pid], recording, capabilities.buffer_pages())
        with CpuMeter(pid) as meter, PerfRecorder(command, folder / "perf.log") as perf:
            perf.enable()
            metered, begin = meter.read_ns(), snapshot(pid)
            _ask(piped, mixture.command(), "done")
            end, metered = snapshot(pid), meter.read_ns() - metered
            perf.disable()
            perf.finish()
        truth = msgspec.json.decode(_ask(piped, "report", ""), type=Truth)
    finally:
        process.stop(piped.child)
        piped.stdin.close()
        piped.stdout.close()
    trace = perf_script.decode(recording, pids=(pid,) if scope is Scope.CPUS else ())
    assert not trace.lost_samples
    facts = describe_frames(trace).facts
    trace, _ = locate_frames(trace)
    counters = PhaseCounters(begin, end)
    attribution = attribute(
        trace,
        make_frames(trace, facts),
        Process(pid, threads["callers"], [Pool("intra-op", PoolRole.INTRA_OP, threads["pool_tids"])]),
        counters,
        [
            Request("profile", start, start, end, 0, caller=caller)
            for caller, requests in zip(threads["callers"], truth.requests, strict=True)
            for start, end in requests
        ],
        user_only=settings.user_only,
    )
    by_kind = attribution.cpu_ns_by_kind()
    if settings.user_only:
        # A futex call is the kernel's work, which can't be told from the rest of it unseen.
        by_kind[Kind.FUTEX] += by_kind[Kind.KERNEL]
    return Comparison(
        true_shares=_shares(truth.cpu_ns_by_kind(), counters.cpu_ns),
        shares=_shares(by_kind, counters.cpu_ns),
        samples=len(attribution.kind),
        total_ms=cpu_figures(attribution).total_ms,
        metered_ms=metered / 1e6,
        meter=meter.name,
    )


def _shares(cpu_ns: Mapping[Kind, float], total_ns: int) -> dict[str, float]:
    return {group: sum(cpu_ns.get(kind, 0) for kind in kinds) / total_ns for group, kinds in GROUPS.items()}


def _ask(piped: Piped, line: str, answer: str) -> bytes:
    """Write a line; return what follows `answer` in the program's next line."""
    piped.stdin.write(line.encode() + b"\n")
    piped.stdin.flush()
    said = piped.stdout.readline()
    assert said.startswith(answer.encode()), f"{answer!r} expected, the program said {said[:80]!r}"
    return said.removeprefix(answer.encode())
