"""The threads of a profile phase, in the order in which the report has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.roles import roles_of
from profiler.export.columns.names import clean
from profiler.findings.threads import sampled_threads, thread_label
from profiler.run.kinds import ROLES, Role
from profiler.run.processes import together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analysis import Profile
    from profiler.run.processes import Process

NOT_SAMPLED = "not sampled"
"""Called so is CPU time that no sample stands for, where others have their thread's name."""


@dataclass(frozen=True, slots=True)
class ExportedThread:
    """One thread; or what no sample stands for, with the id 0."""

    tid: int
    pid: int
    """Its process; the first one's for other threads of several processes: whose they are is not kept."""
    label: str
    role: Role
    pool: str
    """The id of the pool that it belongs to; empty for other threads."""

    @property
    def name(self) -> str:
        """What tells it from all others."""
        return f"{self.label} ({self.tid})" if self.tid else self.label


def threads_of(profile: Profile, processes: Sequence[Process]) -> tuple[ExportedThread, ...]:
    """Return the sampled threads as the report orders them, then others that waited, then `NOT_SAMPLED`."""
    trace, attribution = profile.trace, profile.attribution
    process = together(processes)
    pids = {
        tid: recorded.pid
        for recorded in processes
        for tid in (recorded.pid, *recorded.callers, *recorded.pool_tids)
    }
    pools = {tid: clean(pool.id) for pool in process.pools for tid in pool.tids}
    threads = [
        ExportedThread(
            row.tid, pids.get(row.tid, process.pid), clean(row.label), row.role, pools.get(row.tid, "")
        )
        for row in sampled_threads(trace, attribution, process)
    ]
    off = np.zeros(0, np.int64) if profile.off_cpu is None else profile.off_cpu.waits.off.tid
    others = np.setdiff1d(off, attribution.tid)
    for tid, role in zip(others.tolist(), roles_of(others, process).tolist(), strict=True):
        label = clean(thread_label(tid, ROLES[role], process, trace.comms))
        threads.append(
            ExportedThread(tid, pids.get(tid, process.pid), label, ROLES[role], pools.get(tid, ""))
        )
    return (*threads, ExportedThread(0, process.pid, NOT_SAMPLED, Role.OTHER, ""))
