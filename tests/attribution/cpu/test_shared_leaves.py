from __future__ import annotations

import numpy as np

from profiler.attribution.cpu.attribute import Attribution
from profiler.attribution.cpu.shared_leaves import with_settled_leaves
from profiler.run.kinds import KINDS, ROLES, Kind, Role
from profiler.trace.trace_builder import TraceBuilder
from tests.attribution.made_frames import PLAIN, frame, worker

LOOP, WORK, SHARED = range(3)
FRAMES = [worker(), PLAIN, frame(helper=True, shared=True)]
KIND_OF = {LOOP: Kind.SPIN_IDLE, WORK: Kind.COMPUTE, SHARED: Kind.UNKNOWN}
POLLING, WORKING, CALLING = 1, 2, 3
ROWS = [(POLLING, LOOP)] * 10 + [(POLLING, SHARED)] * 2
ROWS += [(WORKING, WORK)] * 10 + [(WORKING, SHARED)]
ROWS += [(CALLING, WORK)] * 10 + [(CALLING, SHARED)]


def test_a_workers_shared_functions_are_what_it_mostly_does() -> None:
    builder = TraceBuilder()
    event = builder.event("cpu-clock")
    for row, (thread, leaf) in enumerate(ROWS):
        stack = builder.stack([builder.frame(leaf, None, "/x")])
        builder.sample(time_ns=row, tid=thread, cpu=0, event=event, weight=1, stack=stack)
    trace = builder.trace()
    tid = trace.samples.tid
    order = [int(address) for address in trace.frames.address]
    attribution = Attribution(
        time_ns=trace.samples.time_ns,
        tid=tid,
        stack=trace.samples.stack,
        role=np.where(tid == CALLING, ROLES.index(Role.CALLING), ROLES.index(Role.POOL)),
        in_request=np.arange(len(tid)) == 11,
        kind=np.array([KINDS.index(KIND_OF[leaf]) for _, leaf in ROWS], np.uint8),
        evidence=np.zeros(len(tid), np.uint8),
        cpu_ns=np.ones(len(tid)),
        unsampled_ns={},
        tasks=frozenset(),
    )
    settled = with_settled_leaves(
        attribution,
        [FRAMES[leaf] for leaf in order],
        trace.stacks.frames[attribution.stack],
        attribution.role == ROLES.index(Role.POOL),
    )
    kinds = {row: KINDS[kind] for row, kind in enumerate(settled.kind.tolist()) if ROWS[row][1] == SHARED}
    assert list(kinds.values()) == [Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.COMPUTE, Kind.UNKNOWN]
