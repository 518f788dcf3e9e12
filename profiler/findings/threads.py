"""The threads of a profile as people tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings.vocabulary import ROLE_NAMES
from profiler.run.kinds import KINDS, ROLES, Role
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.run.processes import Process
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class SampledThread:
    """One thread that was sampled."""

    tid: int
    label: str
    role: Role
    cpu_ns: float
    by_kind: tuple[float, ...]
    """CPU nanoseconds by index into `KINDS`."""


def sampled_threads(trace: Trace, attribution: Attribution, process: Process) -> list[SampledThread]:
    """Return the calling threads, the pools' in their order, then others by CPU time."""
    tids, first, index = np.unique(attribution.tid, return_index=True, return_inverse=True)
    cell = index.reshape(-1) * len(KINDS) + attribution.kind
    table = np.bincount(cell, weights=attribution.cpu_ns, minlength=len(tids) * len(KINDS))
    table = table.reshape(len(tids), len(KINDS))
    roles = dict(zip(tids.tolist(), (ROLES[role] for role in attribution.role[first].tolist()), strict=True))
    places = {tid: place for place, tid in enumerate([*process.callers, *process.pool_tids])}
    order = sorted(
        range(len(tids)),
        key=lambda row: (
            tuple(Role).index(roles[int(tids[row])]),
            places.get(int(tids[row]), 0),
            -table[row].sum(),
        ),
    )
    threads = []
    for row in order:
        tid = int(tids[row])
        role = roles[tid]
        label = thread_label(tid, role, process, trace.comms)
        threads.append(SampledThread(tid, label, role, float(table[row].sum()), tuple(table[row].tolist())))
    return threads


def thread_label(tid: int, role: Role, process: Process, comms: Mapping[int, str]) -> str:
    """Return what one thread is called; `comms` are the kernel's names of threads."""
    comm = comms.get(tid, "")
    if role is Role.OTHER and comm:
        return f"{comm} (other thread)"
    return thread_labels(process).get(tid, ROLE_NAMES[role])


def thread_labels(process: Process) -> dict[int, str]:
    """Return what callers and pool threads are called, with session or pool where there are several."""
    labels = {}
    several = len(process.sessions) > 1
    of_caller = {tid: session.id for session in process.sessions for tid in session.callers}
    for number, tid in enumerate(process.callers, 1):
        count = f" {number}" if len(process.callers) > 1 else ""
        labels[tid] = f"{ROLE_NAMES[Role.CALLING]}{count}" + (f" ({of_caller[tid]})" if several else "")
    for pool in process.pools:
        owner = f" ({pool.id})" if len(process.pools) > 1 else ""
        for number, tid in enumerate(pool.tids, 1):
            labels[tid] = f"{ROLE_NAMES[Role.POOL]} {number}{owner}"
    return labels


def thread_rows(threads: list[SampledThread], tids: Column) -> Column:
    """Return the index into `threads` of each thread id; one past the last for those that are not there."""
    known = np.array([thread.tid for thread in threads], np.int64)
    order = np.append(np.argsort(known), len(threads))
    place = np.searchsorted(known[order[:-1]], tids)
    there = np.append(known, NONE)[order[place]] == tids
    return np.where(there, order[place], len(threads))
