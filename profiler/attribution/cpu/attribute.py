"""Every sample of a profile phase gets a kind, evidence and exact CPU nanoseconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from profiler.attribution.cpu.exact import exact_cpu
from profiler.attribution.distinct import distinct_by_stack
from profiler.attribution.requests.served import served_rows
from profiler.attribution.roles import roles_of
from profiler.attribution.rules.alike import alike_chains
from profiler.attribution.rules.chains import Activity, ChainVerdict, classify, task_entry
from profiler.run.kinds import EVIDENCES, KINDS, ROLES, Evidence, Kind
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.alike import AlikeChains
    from profiler.attribution.rules.chains import Frame
    from profiler.run.kinds import Role
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Process
    from profiler.run.request import Request
    from profiler.trace.model import Stacks, Trace

    Judge: TypeAlias = Callable[[Sequence[Frame], Role], ChainVerdict]

KIND_OF_ACTIVITY = {
    Activity.TASK: Kind.COMPUTE,
    Activity.RUNTIME: Kind.COMPUTE,
    Activity.LONE_KERNEL: Kind.COMPUTE,
    Activity.POLL_WORK: Kind.SPIN_BUSY,
    Activity.POLL_JOIN: Kind.SPIN_JOIN,
    Activity.FUTEX: Kind.FUTEX,
    Activity.APP: Kind.APP,
    Activity.KERNEL: Kind.KERNEL,
    Activity.UNKNOWN: Kind.UNKNOWN,
}
"""Kinds while a request is in flight."""
KIND_UNLESS_KNOWN = {Activity.POLL_WORK: Kind.SPIN_IDLE}
"""Where it differs from those while nobody knows when requests are in flight."""
KIND_WHEN_IDLE = {Activity.POLL_WORK: Kind.SPIN_IDLE, Activity.LONE_KERNEL: Kind.UNKNOWN}
"""Where it differs while none is: a lone frame of the runtime rests on the request alone."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """One row a sample of the phase; all columns have the same length."""

    time_ns: Column
    tid: Column
    stack: Column
    """Index into the trace's stacks, or NONE."""
    role: Column
    """Index into `ROLES`."""
    in_request: Column
    kind: Column
    """Index into `KINDS`."""
    evidence: Column
    """Index into `EVIDENCES`."""
    cpu_ns: Column
    """CPU time that the sample stands for; sums to the kernel's figure for the process."""
    unsampled_ns: dict[Kind, float]
    """CPU time that no sample stands for: of threads without one, and the kernel's where it is off limits."""
    tasks: frozenset[int]
    """Frames that a polling loop entered as a task."""

    def cpu_ns_by_kind(self) -> dict[Kind, float]:
        """Return the CPU time of each kind."""
        sums = np.bincount(self.kind, weights=self.cpu_ns, minlength=len(KINDS))
        return {
            kind: float(total) + self.unsampled_ns.get(kind, 0.0)
            for kind, total in zip(KINDS, sums, strict=True)
        }

    def cpu_ns_by_evidence(self) -> dict[Evidence, float]:
        """Return the CPU time that rests on each kind of evidence."""
        sums = np.bincount(self.evidence, weights=self.cpu_ns, minlength=len(EVIDENCES))
        return {evidence: float(total) for evidence, total in zip(EVIDENCES, sums, strict=True)}


def attribute(
    trace: Trace,
    frames: Sequence[Frame],
    process: Process,
    counters: PhaseCounters,
    requests: Sequence[Request] | None,
    *,
    user_only: bool,
    judge: Judge = classify,
) -> Attribution:
    """Attribute the samples between the phase's two snapshots; None: nobody tells of requests.

    `frames` are the rules' view of `trace.frames`; `judge` says what a chain was doing. With `user_only`, no
    kernel code was seen: what the samples of a thread do not account for is the kernel's.
    """
    samples = trace.samples
    in_phase = (samples.time_ns >= counters.begin.time_ns) & (samples.time_ns <= counters.end.time_ns)
    mine = np.flatnonzero(in_phase)
    tid, stack = samples.tid[mine], samples.stack[mine]
    role = roles_of(tid, process)
    in_request = in_flight(samples.time_ns[mine], tid, process, requests or ())
    when_idle = KIND_UNLESS_KNOWN if requests is None else KIND_WHEN_IDLE
    alike = alike_chains(trace.stacks, frames)
    verdicts, index = _verdicts(alike, stack, role, judge)
    busy_kind = np.array([KINDS.index(KIND_OF_ACTIVITY[v.activity]) for v in verdicts], np.uint8)
    idle_kind = np.array(
        [KINDS.index(when_idle.get(v.activity, KIND_OF_ACTIVITY[v.activity])) for v in verdicts], np.uint8
    )
    given = np.array([EVIDENCES.index(v.evidence) for v in verdicts], np.uint8)[index]
    # Evidence that is only a request's window is none outside all windows.
    by_window = given == EVIDENCES.index(Evidence.WINDOW)
    given[by_window & ~in_request] = EVIDENCES.index(Evidence.NONE)
    cpu_ns, unsampled_ns = exact_cpu(trace, frames, mine, counters, process, user_only=user_only)
    return Attribution(
        time_ns=samples.time_ns[mine],
        tid=tid,
        stack=stack,
        role=role,
        in_request=in_request,
        kind=np.where(in_request, busy_kind[index], idle_kind[index]),
        evidence=given,
        cpu_ns=cpu_ns,
        unsampled_ns=unsampled_ns,
        tasks=_task_frames(trace.stacks, alike),
    )


def in_flight(time_ns: Column, tid: Column, process: Process, requests: Sequence[Request]) -> Column:
    """Say for each instant of a thread whether a request was in flight that concerns it (`served_rows`)."""
    busy = np.zeros(time_ns.shape, np.bool_)
    for mine, its in served_rows(tid, process, requests):
        busy[mine] = inside(time_ns[mine], its)
    return busy


def inside(time_ns: Column, requests: Sequence[Request]) -> Column:
    """Say for each instant whether a request was in flight, from its start to its end."""
    starts = np.array(sorted(request.start_ns for request in requests), np.int64)
    ends = np.array(sorted(request.end_ns for request in requests), np.int64)
    started = np.searchsorted(starts, time_ns, side="right")
    ended = np.searchsorted(ends, time_ns, side="left")
    return np.asarray(started > ended)


def _verdicts(
    alike: AlikeChains, stack: Column, role: Column, judge: Judge
) -> tuple[list[ChainVerdict], Column]:
    """Judge each distinct (chain, role) once; return the verdicts and each sample's index into them."""
    which, roles, index = distinct_by_stack(alike.index[stack], role, len(ROLES))
    verdicts = [
        judge([] if chain == NONE else alike.chains[chain], ROLES[role_index])
        for chain, role_index in zip(which.tolist(), roles.tolist(), strict=True)
    ]
    return verdicts, index


def _task_frames(stacks: Stacks, alike: AlikeChains) -> frozenset[int]:
    """Return the frames that some polling loop entered indirectly."""
    entries = [task_entry(chain) for chain in alike.chains]
    entry = np.array([NONE if one is None else one for one in entries], np.int64)[alike.index[:-1]]
    tasks = stacks.frames[stacks.offsets[:-1][entry != NONE] + entry[entry != NONE]]
    return frozenset(tasks.tolist())
