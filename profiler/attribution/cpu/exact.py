"""Samples scaled to the CPU time that the kernel counted for their threads.

Samples alone under-report context switches: perf stops and restarts its clock in each, so that no sample
falls into most of it, yet the kernel counts it as the thread's (some 10 us a switch, restarting included, on
a virtual machine). What a thread's samples miss is given to those that were taken inside a switch.

They over-report those who are switched to, where perf counts on CPUs and a virtual machine's timer is late: a
sample that was due while the CPU idled and was being woken falls into what runs next. What a thread's samples
have too much is taken from those that were taken just behind its coming.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import Spans
from profiler.attribution.roles import roles_of
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import ROLES, Kind
from profiler.run.manifest import CLOCKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Process
    from profiler.trace.model import Trace


LONGEST_SWITCH_NS = 20_000
"""More than that a switch went missing for another reason (a host that took the CPU away, a busy buffer). No
later than that behind a switch are samples that were due before."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A thread, or threads that can't be told apart."""

    rows: Column
    """Which of the samples are its."""
    cpu_ns: float
    switches: int = 0


def exact_cpu(
    trace: Trace,
    frames: Sequence[Frame],
    mine: Column,
    counters: PhaseCounters,
    process: Process,
    *,
    user_only: bool,
) -> tuple[Column, dict[Kind, float]]:
    """Return the CPU ns of each of the samples `mine`, and the CPU time that no sample stands for.

    A thread's samples share the CPU time that the kernel counted for it, by weight; threads that ended in
    the phase share what is left of the process's. The sum is the process's exactly.
    """
    samples = trace.samples
    total = float(counters.cpu_ns)
    tid, weight = samples.tid[mine], samples.weight[mine].astype(np.float64)
    in_switch = _in_switch(trace, frames)[samples.stack[mine]]
    just_came = _just_came(trace, mine)
    counts_ns = all(event.startswith(CLOCKS) for event in trace.events)
    cpu_ns = np.zeros(len(mine))
    unsampled: dict[Kind, float] = {}
    for group in _sampling_groups(counters, total, tid, process):
        rows, cpu = group.rows, group.cpu_ns
        seen = float(weight[rows].sum())
        missing = cpu - seen if counts_ns else 0.0
        if seen == 0:
            unsampled[Kind.UNKNOWN] = unsampled.get(Kind.UNKNOWN, 0.0) + cpu
        elif user_only and missing > 0:
            cpu_ns[rows] = weight[rows]
            unsampled[Kind.KERNEL] = unsampled.get(Kind.KERNEL, 0.0) + missing
        elif missing < 0:
            late = rows & just_came
            seen_late = float(weight[late].sum())
            too_much = min(-missing, seen_late, float(group.switches * LONGEST_SWITCH_NS))
            cpu_ns[rows] = weight[rows]
            if too_much:
                cpu_ns[late] *= 1 - too_much / seen_late
            cpu_ns[rows] *= cpu / (seen - too_much) if cpu else 0.0
        else:
            switching = rows & in_switch
            seen_switching = float(weight[switching].sum())
            in_switches = min(missing, group.switches * LONGEST_SWITCH_NS) if seen_switching else 0.0
            cpu_ns[rows] = weight[rows] * ((cpu - in_switches) / seen)
            if in_switches:
                cpu_ns[switching] += weight[switching] * (in_switches / seen_switching)
    counted = float(cpu_ns.sum()) + sum(unsampled.values())
    # Threads' clocks are read one after the other, microseconds apart from the process's.
    factor = total / counted if counted else 0.0
    return cpu_ns * factor, {kind: part * factor for kind, part in unsampled.items()}


def _in_switch(trace: Trace, frames: Sequence[Frame]) -> Column:
    """Say for each stack whether the kernel was switching threads; one more row, for samples without one."""
    switches = np.array([f.owner is Owner.KERNEL and bool(f.name & Name.SWITCH_KERNEL) for f in frames], bool)
    before = np.concatenate([[0], np.cumsum(switches[trace.stacks.frames])])
    switching = before[trace.stacks.offsets[1:]] > before[trace.stacks.offsets[:-1]]
    return np.append(switching, np.False_)


def _just_came(trace: Trace, mine: Column) -> Column:
    """Say of each sample whether its thread was switched to within `LONGEST_SWITCH_NS` before it."""
    entered = trace.switches.switched_in
    entered_ns, who = trace.switches.time_ns[entered], trace.switches.tid[entered]
    time_ns, tid = trace.samples.time_ns[mine], trace.samples.tid[mine]
    came = np.zeros(len(mine), np.bool_)
    for thread in np.unique(tid).tolist():
        rows, its = tid == thread, entered_ns[who == thread]
        came[rows] = Spans(its, its + LONGEST_SWITCH_NS).contain(time_ns[rows])
    return came


def _sampling_groups(counters: PhaseCounters, total_ns: float, tid: Column, process: Process) -> list[_Group]:
    """Return the threads that were sampled.

    What a thread without samples used goes to the sampled threads of its role: too little to be hit is no
    reason to believe that it did something else. Without any it is a group of no samples.
    """
    exact = {thread: float(cpu_ns) for thread, cpu_ns in counters.thread_cpu_ns().items()}
    switches = counters.thread_switches()
    seen = set(tid.tolist())
    groups = []
    for role in range(len(ROLES)):
        members = {
            thread: cpu for thread, cpu in exact.items() if roles_of(np.array([thread]), process)[0] == role
        }
        sampled = {thread: cpu for thread, cpu in members.items() if thread in seen}
        rest = sum(members.values()) - sum(sampled.values())
        known = sum(sampled.values())
        groups += [
            _Group(tid == thread, cpu + (rest * cpu / known if known else 0.0), switches[thread])
            for thread, cpu in sampled.items()
        ]
        if not known and rest:
            groups.append(_Group(np.zeros(tid.shape, np.bool_), rest))
    ended = ~np.isin(tid, list(exact))
    ended_ns = max(0.0, total_ns - sum(exact.values()))
    if ended.any() or ended_ns:
        groups.append(_Group(ended, ended_ns))
    return groups
