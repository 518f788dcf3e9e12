"""What perf costs the workload, by where it counts and what it records of waits.

    python -m benchmarks.observer_cost [--configs spin-off,...] [--rates 1,20,closed] [--modes cpus/off,...]

Runs the shipped MiniLM; perf is attached for one short phase after another, in rounds of random order, so
that drifts of the machine hit all modes alike. A ratio is a mode's figure over that of the untouched phase of
the same round; printed is the median of the rounds, with an interval that holds it in nine of ten cases. What
a mode adds to the CPU time is divided by the context switches of the untouched phase, too: of that
`profiler.record.wait_cost` has its table.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.short_phase import nothing, opening, short_phase
from profiler.record import capabilities
from profiler.record.counters import snapshot
from profiler.record.perf import PerfRecorder, record_command
from profiler.record.subject.start import Start
from profiler.record.subject.workload_process import WorkloadProcess
from profiler.run.manifest import PerfSettings
from profiler.run.phase_counters import PhaseCounters
from profiler.spec import catalogue
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAIT_EVENTS, WAKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WAITS: dict[str, tuple[Waits, tuple[str, ...]]] = {
    "off": (Waits.OFF, ()),
    "switches": (Waits.SWITCHES, ()),
    "chains": (Waits.TRACE, (SWITCH_OUT,)),
    "wakings": (Waits.TRACE, (WAKING,)),
    "futexes": (Waits.TRACE, (FUTEX_ENTER,)),
    "trace": (Waits.TRACE, WAIT_EVENTS),
}
"""`trace`, and what it is made of: each beside the switch records."""
MODES = tuple(f"{scope.value}/{waits}" for scope in (Scope.PROCESS, Scope.CPUS) for waits in WAITS)
DEFAULT_MODES = tuple(mode for mode in MODES if mode.partition("/")[2] in {"off", "switches", "trace"})
FREQUENCY_HZ = 997
SURE = 0.9


@dataclass(slots=True)
class Ratios:
    """Of one mode to the untouched phases, round by round."""

    cpu: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    switch_us: list[float] = field(default_factory=list)
    """What it adds to the CPU time, in microseconds a context switch."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the workload does meanwhile."""

    configuration: str
    threads: int
    rate: float | None
    """Requests a second; None for a closed loop."""

    @property
    def words(self) -> str:
        """Return it in words."""
        rate = "closed loop" if self.rate is None else f"{self.rate:g} requests/s"
        return f"{self.configuration}, {self.threads} threads, {rate}"


def main() -> None:
    """Run the rounds and print a table for each load."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--configs", default="spin-off", help="session configurations, by commas")
    parser.add_argument("--rates", default="20", help="requests a second, by commas; or `closed`")
    parser.add_argument("--modes", default=",".join(DEFAULT_MODES), help=f"of {', '.join(MODES)}")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each phase")
    parser.add_argument("--stack-bytes", type=int, default=8192, help="that a sample copies")
    options = parser.parse_args()
    modes = options.modes.split(",")
    if unknown := set(modes) - set(MODES):
        parser.error(f"no such mode: {', '.join(sorted(unknown))}")
    for name in options.configs.split(","):
        for rate in options.rates.split(","):
            threads = 1 if name == "single-thread" else options.threads
            load = Load(name, threads, None if rate == "closed" else float(rate))
            show(load, measure(load, modes, options.rounds, options.seconds, options.stack_bytes))


def show(load: Load, measured: dict[str, Ratios]) -> None:
    """Print a table."""
    rounds = max(len(ratios.cpu) for ratios in measured.values())
    print(f"\n{load.words}, {rounds} rounds\n")
    print("| scope/waits | CPU a request | p50 | µs a switch |\n| --- | --- | --- | --- |")
    for mode, ratios in measured.items():
        columns = (ratios.cpu, ratios.latency, ratios.switch_us)
        print(f"| {mode} | {' | '.join(map(with_interval, columns))} |", flush=True)


def with_interval(values: Sequence[float]) -> str:
    """Return the median, and the order statistics around it that hold it in `SURE` of the cases."""
    ordered, count = sorted(values), len(values)
    cut, missed = 0, 2 * 0.5**count
    while cut + 1 < count / 2:
        missed += 2 * math.comb(count, cut + 1) * 0.5**count
        if missed > 1 - SURE:
            break
        cut += 1
    return f"{statistics.median(ordered):.2f} ({ordered[cut]:.2f} to {ordered[-1 - cut]:.2f})"


def measure(
    load: Load, modes: Sequence[str], rounds: int, seconds: float, stack_bytes: int
) -> dict[str, Ratios]:
    """Return each mode's ratios to the untouched phases."""
    configuration = catalogue.load().find(load.configuration)
    if load.threads > 1:
        configuration = configuration.adjusted(threads=load.threads, entries={})
    measured = {mode: Ratios() for mode in modes}
    with (
        tempfile.TemporaryDirectory() as temporary,
        WorkloadProcess(Start(sys.executable), Path(temporary) / "workload.log") as workload,
    ):
        workload.hello(nothing)
        workload.open(opening("minilm", configuration), nothing)
        arrivals, rate = ("closed", 1.0) if load.rate is None else ("fixed", load.rate)

        def phase() -> tuple[float, float]:
            return short_phase(workload, seconds, arrivals, rate)

        phase()  # warm-up
        for number in range(rounds):
            begin = snapshot(workload.pid)
            base_cpu, base_latency = phase()
            between = PhaseCounters(begin, snapshot(workload.pid))
            every_us = between.cpu_ns / 1e3 / max(1, sum(between.thread_switches().values()))
            for mode in random.Random(number).sample(list(modes), len(modes)):  # noqa: S311  an order
                settings = settings_of(mode, stack_bytes)
                folder = Path(temporary)
                command = record_command(
                    settings, [workload.pid], folder / "perf.data", capabilities.buffer_pages()
                )
                with PerfRecorder(command, folder / "perf.log") as perf:
                    perf.enable()
                    cpu, latency = phase()
                    perf.disable()
                    perf.finish()
                measured[mode].cpu.append(cpu / base_cpu)
                measured[mode].switch_us.append((cpu / base_cpu - 1) * every_us)
                measured[mode].latency.append(latency / base_latency)
    return measured


def settings_of(mode: str, stack_bytes: int) -> PerfSettings:
    """Return what perf is told in one of `MODES`."""
    scope, _, name = mode.partition("/")
    waits, events = WAITS[name]
    return PerfSettings(
        capabilities.sampling_event(),
        FREQUENCY_HZ,
        stack_bytes,
        capabilities.perf_version(),
        waits,
        list(events),
        scope=Scope(scope),
        scope_cpus=sorted(os.sched_getaffinity(0)) if scope == Scope.CPUS.value else [],
    )


if __name__ == "__main__":
    main()
