"""What each sampled thread is to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import ROLES, Role

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.run.processes import Process


def roles_of(tid: Column, process: Process) -> Column:
    """Return the index into `ROLES` of each sample's thread."""
    role = np.full(tid.shape, ROLES.index(Role.OTHER), np.uint8)
    role[np.isin(tid, process.pool_tids)] = ROLES.index(Role.POOL)
    role[np.isin(tid, process.callers)] = ROLES.index(Role.CALLING)
    return role
