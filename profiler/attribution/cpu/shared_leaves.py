"""Leaves in functions that polling loops call, and other code as well: settled thread by thread."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.rules.chains import Activity
from profiler.attribution.rules.leaves import is_shared, settle
from profiler.run.kinds import EVIDENCES, KINDS, Evidence, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Bools, Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.rules.chains import Frame

POLLING = tuple(KINDS.index(kind) for kind in (Kind.SPIN_IDLE, Kind.SPIN_BUSY))
WORKING = (KINDS.index(Kind.COMPUTE),)


def with_settled_leaves(
    attribution: Attribution, frames: Sequence[Frame], leaf: Column, workers: Bools
) -> Attribution:
    """Return an attribution of leaf addresses in which each worker's shared functions are `settle`d.

    A row a sample: `leaf` is an index into `frames`, the rules' view of the trace's, or NONE; `workers` says
    whether its thread is one, and its leaf alone is to tell.
    """
    shared = np.array([*map(is_shared, frames), False], np.bool_)
    mine = workers & shared[leaf]
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
