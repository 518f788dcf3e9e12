"""Recordings whose call chains end at the leaf: taken by frame pointers, which ONNX Runtime does not keep.

What such a chain has beyond the leaf is whatever stood in the register: addresses in no library. Of a loop's
helper or a pause no caller tells then whether it polls or works, and a worker's loop seems to be computing
something. The leaf alone tells more: the same rules hold as for light recordings.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.cpu.attribute import KIND_OF_ACTIVITY, KIND_UNLESS_KNOWN
from profiler.attribution.cpu.shared_leaves import with_settled_leaves
from profiler.attribution.rules.leaves import classify_leaf
from profiler.attribution.rules.owners import Owner
from profiler.run.doubt import Doubt
from profiler.run.kinds import EVIDENCES, KINDS, Evidence, Role
from profiler.symbols.elf import NOWHERE
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Bools, Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.rules.chains import Frame
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Stacks, Trace

MOST = 0.5
"""Of the samples in code that can be unwound: from this share of lone leaves on, chains tell nothing."""


def by_leaf(
    attribution: Attribution, trace: Trace, frames: Sequence[Frame], facts: FrameFacts
) -> tuple[Attribution, tuple[Doubt, ...]]:
    """Return an attribution by leaves alone and a doubt that says so, where most chains end there.

    `frames` and `facts` are of `trace.frames`. Samples of other code keep what they have.
    """
    leaf = _leaves(trace.stacks)[attribution.stack]
    readable = [frame.owner is Owner.RUNTIME for frame in frames] & (facts.function != NOWHERE)
    ours = np.append(readable, np.False_)[leaf]
    lone = ours & _end_at_leaf(trace)[attribution.stack]
    if not lone.any() or lone.sum() < MOST * ours.sum():
        return attribution, ()
    waits_for_work = np.array([frame.in_loop and frame.dispatches for frame in frames] + [False], np.bool_)
    workers = np.isin(attribution.tid, attribution.tid[ours & waits_for_work[leaf]])
    kind, evidence = attribution.kind.copy(), attribution.evidence.copy()
    for role, its in ((Role.POOL, lone & workers), (Role.CALLING, lone & ~workers)):
        for which in np.unique(leaf[its]).tolist():
            verdict = classify_leaf([frames[which]], role)
            told = KIND_UNLESS_KNOWN.get(verdict.activity, KIND_OF_ACTIVITY[verdict.activity])
            rows = its & (leaf == which)
            # No window of a request is known.
            rests_on = Evidence.NONE if verdict.evidence is Evidence.WINDOW else verdict.evidence
            kind[rows], evidence[rows] = KINDS.index(told), EVIDENCES.index(rests_on)
    judged = dataclasses.replace(attribution, kind=kind, evidence=evidence)
    share = lone.sum() / ours.sum()
    return with_settled_leaves(judged, frames, leaf, lone & workers), (_doubt(share),)


def _leaves(stacks: Stacks) -> Column:
    """Return the leaf of each stack; one more row, NONE, for what has no stack, and NONE of an empty one."""
    leaf = np.full(len(stacks.offsets), NONE, np.int64)
    filled = np.flatnonzero(stacks.offsets[:-1] < stacks.offsets[1:])
    leaf[filled] = stacks.frames[stacks.offsets[filled]]
    return leaf


def _end_at_leaf(trace: Trace) -> Bools:
    """Say of each stack whether but one of its frames is in a library; one more row, for what has none."""
    placed = np.concatenate(([0], np.cumsum((trace.frames.dso != NONE)[trace.stacks.frames])))
    offsets = trace.stacks.offsets
    return np.append(placed[offsets[1:]] - placed[offsets[:-1]] == 1, np.False_)


def _doubt(share: float) -> Doubt:
    return Doubt(
        "what ONNX Runtime's code was called from",
        f"{100 * share:.0f} % of the call chains in it end at the leaf, because it keeps no frame pointers: "
        "what it did is told by leaf addresses alone",
        "record with `perf record --call-graph dwarf`",
    )
