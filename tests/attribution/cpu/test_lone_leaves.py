"""Threads sampled with frame pointers: behind the leaf stands whatever was in the register."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.cpu.attribute import Attribution
from profiler.attribution.cpu.lone_leaves import by_leaf
from profiler.attribution.rules.facts import empty_facts
from profiler.run.kinds import EVIDENCES, KINDS, ROLES, Evidence, Kind, Role
from profiler.symbols.polling import LoopPlace
from profiler.trace.trace_builder import TraceBuilder
from tests.attribution.made_frames import PAUSE, PLAIN, frame, worker

if TYPE_CHECKING:
    from profiler.run.doubt import Doubt

LOOP, WAITING, WORK, SHARED, ASSEMBLY, LOST = range(6)
FRAMES = [worker(), PAUSE, PLAIN, frame(helper=True, shared=True), frame(), frame(place=LoopPlace.OUTSIDE)]
WORKER, CALLER = 11, 10


def told(
    rows: list[tuple[int, tuple[int, ...]]], *, in_library: set[int]
) -> tuple[list[tuple[Kind, Evidence]], tuple[Doubt, ...]]:
    """Attribute samples (thread, chain of indices into `FRAMES`) that chains took for computing."""
    builder = TraceBuilder()
    event = builder.event("cpu-clock")
    ids = [
        builder.frame(which, None, "/ort" if which in in_library else None) for which in range(len(FRAMES))
    ]
    assert ids == list(range(len(FRAMES)))
    for time, (tid, chain) in enumerate(rows):
        builder.sample(time_ns=time, tid=tid, cpu=0, event=event, weight=1, stack=builder.stack(chain))
    trace = builder.trace()
    count = len(rows)
    facts = empty_facts(len(FRAMES))
    facts = dataclasses.replace(
        facts, function=np.where(np.arange(len(FRAMES)) == ASSEMBLY, -1, 7).astype(np.int32)
    )
    attribution = Attribution(
        time_ns=trace.samples.time_ns,
        tid=trace.samples.tid,
        stack=trace.samples.stack,
        role=np.full(count, ROLES.index(Role.OTHER)),
        in_request=np.zeros(count, np.bool_),
        kind=np.full(count, KINDS.index(Kind.COMPUTE), np.uint8),
        evidence=np.full(count, EVIDENCES.index(Evidence.NONE), np.uint8),
        cpu_ns=np.ones(count),
        unsampled_ns={},
        tasks=frozenset(),
    )
    judged, doubts = by_leaf(attribution, trace, FRAMES, facts)
    return [
        (KINDS[kind], EVIDENCES[evidence])
        for kind, evidence in zip(judged.kind.tolist(), judged.evidence.tolist(), strict=True)
    ], doubts


CODE = {LOOP, WAITING, WORK, SHARED, ASSEMBLY}


def test_leaves_alone_tell_what_workers_and_callers_did() -> None:
    rows = [(WORKER, (LOOP, LOST)), (WORKER, (WAITING,)), (WORKER, (SHARED, LOST)), (CALLER, (WAITING, LOST))]
    kinds, (doubt,) = told([*rows, (CALLER, (WORK,))], in_library=CODE)
    polls = Evidence.INSTRUCTION
    assert kinds[:4] == [(Kind.SPIN_IDLE, polls)] * 3 + [(Kind.SPIN_JOIN, polls)]
    assert kinds[4] == (Kind.COMPUTE, Evidence.NONE), "no request is known in which it fell"
    assert doubt.why.startswith("100 % of the call chains in it end at the leaf")
    assert "--call-graph dwarf" in doubt.hint


@pytest.mark.parametrize("chain", [(WORK, LOOP), (ASSEMBLY, LOST)])
def test_chains_that_go_on_are_believed_and_code_without_unwind_information_is_none(
    chain: tuple[int, ...],
) -> None:
    kinds, doubts = told([(WORKER, chain), (WORKER, chain), (WORKER, (WAITING, LOOP))], in_library=CODE)
    assert kinds == [(Kind.COMPUTE, Evidence.NONE)] * 3
    assert doubts == ()
