"""Kinds that a file itself tells, by frames that stand for them: what ortprof exported, read again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import EVIDENCES, KINDS, Evidence, kind_frame
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.trace.model import Trace


def with_told_kinds(attribution: Attribution, trace: Trace) -> Attribution:
    """Return an attribution in which chains with the frame of a kind are of that kind."""
    names = {kind_frame(kind): index for index, kind in enumerate(KINDS)}
    told = np.array([*(names.get(text, NONE) for text in trace.strings), NONE], np.int64)
    of_frame = np.where(trace.frames.dso == NONE, told[trace.frames.symbol], NONE)[trace.stacks.frames]
    rows = np.flatnonzero(of_frame != NONE)
    if not rows.size:
        return attribution
    of_stack = np.full(len(trace.stacks.offsets), NONE, np.int64)  # one more, for what has no stack
    of_stack[np.searchsorted(trace.stacks.offsets, rows, side="right") - 1] = of_frame[rows]
    kind = of_stack[attribution.stack]
    symbol = EVIDENCES.index(Evidence.SYMBOL)
    return dataclasses.replace(
        attribution,
        kind=np.where(kind != NONE, kind, attribution.kind).astype(attribution.kind.dtype),
        evidence=np.where(kind != NONE, symbol, attribution.evidence).astype(attribution.evidence.dtype),
    )
