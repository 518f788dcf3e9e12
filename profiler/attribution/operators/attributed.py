"""CPU samples and waits by the operator whose window they fell into; needs no symbols.

In sequential execution one operator runs at a time, so that what the session's pool does in its window is its
too. In parallel execution windows overlap: then only the thread that ran an operator counts for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.operators.operator_windows import Clock, Stretches, find_clock, stretches
from profiler.run.kinds import KINDS, OUTSIDES, ROLES, WAITS, Kind, Outside, Role
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.operators.executor import Executor
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.manifest import OperatorRecording
    from profiler.run.request import Request
    from profiler.trace.ort_profile import OrtProfile


@dataclass(frozen=True, slots=True)
class Operators:
    """What each node of the graph took; columns have a row a node, if nothing else is said."""

    profile: OrtProfile
    clock: Clock
    concurrent: bool
    """Operators ran side by side (parallel execution)."""
    calls: Column
    wall_ns: Column
    """In the node itself, without those of its subgraphs."""
    cpu_ns: Column
    """Nodes by `KINDS`."""
    off_ns: Column
    """Nodes by `WAITS`: the thread that ran the node was off the CPU; zeros where that was not recorded."""
    wait_ns: Column
    """What ONNX Runtime says that the thread waited for its workers."""
    outside_ns: dict[Outside, Column]
    """By `KINDS`. With `cpu_ns` it sums to the phase's CPU time."""
    node: Column
    """The node that each sample was for, NONE for none."""
    outside: Column
    """Where each sample for no node was, index into `OUTSIDES`."""

    @property
    def total_ns(self) -> float:
        """CPU time of the phase."""
        return float(self.cpu_ns.sum() + sum(cpu_ns.sum() for cpu_ns in self.outside_ns.values()))

    @property
    def coverage(self) -> float | None:
        """Share of the computing in requests that fell into operators' windows; None without any."""
        compute = KINDS.index(Kind.COMPUTE)
        inside = float(self.cpu_ns[:, compute].sum() + self.outside_ns[Outside.EXECUTOR][compute])
        outside = (Outside.BETWEEN, Outside.OTHERS)
        total = inside + float(sum(self.outside_ns[place][compute] for place in outside))
        return inside / total if total else None


def operators_of(
    profile: OrtProfile,
    recording: OperatorRecording,
    requests: Sequence[Request],
    attribution: Attribution,
    *,
    waits: ClassifiedWaits | None,
    executor: Executor,
) -> Operators:
    """Attribute the phase's samples and waits; `ClockError` when the profile can't be laid over them.

    `requests`: the phase's, in order. `waits`: None where context switches were not recorded. `executor`:
    of the samples' trace.
    """
    clock = find_clock(profile, recording, requests)
    rows = _in_phase(profile, clock, requests)
    tids = np.unique(profile.tid[rows]).tolist()
    windows = {tid: stretches(profile, clock, rows[profile.tid[rows] == tid]) for tid in tids}
    concurrent = len(tids) > 1
    node = _nodes(profile, attribution, windows, concurrent=concurrent)
    overhead = _overhead(profile, attribution, node, np.isin(attribution.tid, tids), executor)
    node[overhead] = NONE
    outside = np.where(overhead, OUTSIDES.index(Outside.EXECUTOR), _outside(attribution))
    count = len(profile.names)
    wall_ns, off_ns = np.zeros(count), np.zeros((count, len(WAITS)))
    for tid, window in windows.items():
        which = profile.node[window.event]
        wall_ns += np.bincount(which, weights=window.end_ns - window.begin_ns, minlength=count)
        if waits is not None:
            off_ns += _off(waits.of(tid), window, which, count)
    cells = np.zeros((count, len(KINDS)))
    inside = node != NONE
    np.add.at(cells, (node[inside], attribution.kind[inside]), attribution.cpu_ns[inside])
    known = profile.wait_ns[rows] != NONE
    return Operators(
        profile=profile,
        clock=clock,
        concurrent=concurrent,
        calls=np.bincount(profile.node[rows], minlength=count),
        wall_ns=wall_ns,
        cpu_ns=cells,
        off_ns=off_ns,
        wait_ns=np.bincount(profile.node[rows][known], weights=profile.wait_ns[rows][known], minlength=count),
        outside_ns=_outside_ns(attribution, node, outside),
        node=node,
        outside=outside,
    )


def _in_phase(profile: OrtProfile, clock: Clock, requests: Sequence[Request]) -> Column:
    """Return the events that began in the phase, so not in the session's first call."""
    begin = profile.start_ns + clock.offset_ns
    return np.flatnonzero(begin >= requests[0].start_ns)


def _nodes(
    profile: OrtProfile, attribution: Attribution, windows: Mapping[int, Stretches], *, concurrent: bool
) -> Column:
    """Return each sample's node."""
    sessions = attribution.role != ROLES.index(Role.OTHER)
    event = np.full(attribution.tid.shape, NONE, np.int64)
    for tid, window in windows.items():
        mine = attribution.tid == tid if concurrent else sessions
        event[mine] = window.at(attribution.time_ns[mine])
    return np.where(event == NONE, NONE, profile.node[event])


def _overhead(
    profile: OrtProfile, attribution: Attribution, node: Column, runs: Column, executor: Executor
) -> Column:
    """Say for each sample whether it is the executor's; `runs`: of threads that ran operators."""
    _, kind = np.unique(np.array(profile.types, object), return_inverse=True)
    overhead = np.zeros(node.shape, np.bool_)
    rows = runs & (node != NONE)
    overhead[rows] = executor.overhead(attribution.stack[rows], kind[node[rows]])
    return overhead


def _off(waits: ClassifiedWaits, window: Stretches, node: Column, count: int) -> Column:
    """Return how long a thread was off the CPU in each node, by `WAITS`; `waits` are its own."""
    spans = waits.spans()
    overlaps = (spans[wait].overlap_ns(window.begin_ns, window.end_ns) for wait in WAITS)
    return np.stack([np.bincount(node, weights=overlap, minlength=count) for overlap in overlaps], axis=1)


def _outside(attribution: Attribution) -> Column:
    """Return where each sample is if it is in no node."""
    others = attribution.role == ROLES.index(Role.OTHER)
    busy = np.where(others, OUTSIDES.index(Outside.OTHERS), OUTSIDES.index(Outside.BETWEEN))
    return np.where(attribution.in_request, busy, OUTSIDES.index(Outside.IDLE))


def _outside_ns(attribution: Attribution, node: Column, outside: Column) -> dict[Outside, Column]:
    cells = np.zeros((len(OUTSIDES), len(KINDS)))
    rows = node == NONE
    np.add.at(cells, (outside[rows], attribution.kind[rows]), attribution.cpu_ns[rows])
    cells[OUTSIDES.index(Outside.UNSAMPLED)] = [attribution.unsampled_ns.get(kind, 0.0) for kind in KINDS]
    return dict(zip(OUTSIDES, cells, strict=True))
