"""The threads of a profile as people tell them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings.vocabulary import ROLE_NAMES
from profiler.run.kinds import KINDS, ROLES, Role
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.run.processes import Process
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread that was sampled."""

    tid: int
    label: str
    role: Role
    cpu_ns: float
    by_kind: tuple[float, ...]
    """CPU nanoseconds by index into `KINDS`."""


def sampled_threads(trace: Trace, attribution: Attribution, process: Process) -> list[Thread]:
    """Return the calling thread, the pool's in the session's order, then others by CPU time."""
    tids, index = np.unique(attribution.tid, return_inverse=True)
    cell = index.reshape(-1) * len(KINDS) + attribution.kind
    table = np.bincount(cell, weights=attribution.cpu_ns, minlength=len(tids) * len(KINDS))
    table = table.reshape(len(tids), len(KINDS))
    roles = {int(tid): ROLES[role] for tid, role in zip(attribution.tid, attribution.role, strict=True)}
    in_pool = {tid: number for number, tid in enumerate(process.pool_tids)}
    order = sorted(
        range(len(tids)),
        key=lambda row: (
            tuple(Role).index(roles[int(tids[row])]),
            in_pool.get(int(tids[row]), 0),
            -table[row].sum(),
        ),
    )
    threads = []
    for row in order:
        tid = int(tids[row])
        role = roles[tid]
        name = ROLE_NAMES[role]
        if role is Role.POOL:
            name += f" {in_pool[tid] + 1}"
        comm = trace.comms.get(tid, "")
        if role is Role.OTHER and comm:
            name = f"{comm} (other thread)"
        threads.append(Thread(tid, name, role, float(table[row].sum()), tuple(table[row].tolist())))
    return threads


def thread_rows(threads: list[Thread], tids: Column) -> Column:
    """Return the index into `threads` of each thread id; one past the last for those that are not there."""
    known = np.array([thread.tid for thread in threads], np.int64)
    order = np.append(np.argsort(known), len(threads))
    place = np.searchsorted(known[order[:-1]], tids)
    there = np.append(known, NONE)[order[place]] == tids
    return np.where(there, order[place], len(threads))
