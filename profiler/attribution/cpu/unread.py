"""Samples in ONNX Runtime's code of which neither names nor instructions are to be had.

Whether such a chain polls or computes can't be told. Where we record, the library is at hand; where a
recording was made elsewhere it may not be, and what spins would count as computing.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.rules.owners import Owner, owner_of
from profiler.run.kinds import EVIDENCES, KINDS, Evidence, Kind
from profiler.symbols.elf import NOWHERE
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.symbols.frame_facts import FrameFacts
    from profiler.trace.model import Trace


def unread_as_unknown(attribution: Attribution, trace: Trace, facts: FrameFacts) -> Attribution:
    """Return an attribution in which computing that rests on unread code of the runtime is unknown."""
    frames, stacks = trace.frames, trace.stacks
    runtime = [index for index, text in enumerate(trace.strings) if owner_of(text) is Owner.RUNTIME]
    unread = np.isin(frames.dso, runtime) & (frames.symbol == NONE) & (facts.address == NOWHERE)
    if not unread.any():
        return attribution
    before = np.concatenate(([0], np.cumsum(unread[stacks.frames])))
    of_stack = np.append(before[stacks.offsets[1:]] > before[stacks.offsets[:-1]], np.False_)
    blind = of_stack[attribution.stack] & (attribution.kind == KINDS.index(Kind.COMPUTE))
    return dataclasses.replace(
        attribution,
        kind=np.where(blind, KINDS.index(Kind.UNKNOWN), attribution.kind).astype(attribution.kind.dtype),
        evidence=np.where(blind, EVIDENCES.index(Evidence.NONE), attribution.evidence).astype(
            attribution.evidence.dtype
        ),
    )
