"""What perf adds to a workload's CPU time, estimated from how it ran before perf was there.

A sample costs what copying its stack costs; a context switch, the events that it brings. The table was
measured by `benchmarks.observer_cost` (docs/accuracy.md, "What watching changes"), and rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.spec.scope import Scope
from profiler.trace.model import FUTEX_ENTER, SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from profiler.run.phase_counters import PhaseCounters

GOAL = 0.05
"""What perf may add to the CPU time of a request, where nobody asked for more."""
SAMPLE_US = 10.0
SWITCH_US = {Scope.CPUS: 3.5, Scope.PROCESS: 17.0}
"""Of a context switch, with its records: in a task perf stops its clock and starts another's. On CPUs it is
the median of many days."""
EVENT_US = {SWITCH_OUT: 10.0, WAKING: 3.0, FUTEX_ENTER: 3.0}
"""What recording an event adds to a context switch, wherever perf counts: each comes about once with it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a workload ran undisturbed."""

    switches: float
    """Context switches a second, of all its threads."""
    cpus: float
    """CPU seconds a second."""


def pace_before(phases: Mapping[str, PhaseCounters]) -> Pace | None:
    """Return the pace of the phase in which the workload was most itself; None where none ran."""
    for name in ("measure", "warmup"):
        counters = phases.get(name)
        if counters is not None and counters.seconds > 0:
            switches = sum(counters.thread_switches().values())
            return Pace(switches / counters.seconds, counters.cpu_ns / 1e9 / counters.seconds)
    return None


def added_share(pace: Pace, scope: Scope, events: Collection[str], frequency_hz: int) -> float:
    """Return what perf adds to the workload's CPU time, as a share of it; `events` of `WAIT_EVENTS`."""
    switch_us = SWITCH_US[scope] + sum(EVENT_US[event] for event in events)
    samples = frequency_hz * SAMPLE_US / 1e6
    return samples + (pace.switches * switch_us / 1e6 / pace.cpus if pace.cpus > 0 else 0.0)
