"""Leaves in functions that polling loops call, and other code as well: settled thread by thread."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.rules.chains import Activity
from profiler.attribution.rules.leaves import is_shared, settle
from profiler.run.kinds import EVIDENCES, KINDS, ROLES, Evidence, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.rules.chains import Frame
    from profiler.trace.model import Trace

POLLING = tuple(KINDS.index(kind) for kind in (Kind.SPIN_IDLE, Kind.SPIN_BUSY))
WORKING = (KINDS.index(Kind.COMPUTE),)


def with_settled_leaves(attribution: Attribution, trace: Trace, frames: Sequence[Frame]) -> Attribution:
    """Return an attribution of leaf addresses in which each worker's shared functions are `settle`d.

    `frames` are the rules' view of `trace.frames`; each stack is one of them.
    """
    shared = np.array([is_shared(frame) for frame in frames], np.bool_)
    pool = attribution.role == ROLES.index(Role.POOL)
    mine = pool & shared[trace.stacks.frames[attribution.stack]]
    kind, evidence = attribution.kind.copy(), attribution.evidence.copy()
    for tid in np.unique(attribution.tid[mine]).tolist():
        its = (attribution.tid == tid) & ~mine
        polling, working = (int(np.isin(kind[its], kinds).sum()) for kinds in (POLLING, WORKING))
        does = settle(polling, working)
        here = mine & (attribution.tid == tid)
        if does is Activity.POLL_WORK:
            busy, idle = KINDS.index(Kind.SPIN_BUSY), KINDS.index(Kind.SPIN_IDLE)
            kind[here] = np.where(attribution.in_request[here], busy, idle)
            evidence[here] = EVIDENCES.index(Evidence.INSTRUCTION)
        elif does is Activity.RUNTIME:
            kind[here] = KINDS.index(Kind.COMPUTE)
    return dataclasses.replace(attribution, kind=kind, evidence=evidence)
