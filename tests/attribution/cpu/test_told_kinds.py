from __future__ import annotations

import dataclasses

from profiler.attribution.cpu.told_kinds import with_told_kinds
from profiler.intake.collapsed import take
from profiler.run.kinds import EVIDENCES, KINDS, Evidence, Kind
from tests.attribution.scheduling import samples


def test_the_frame_of_a_kind_tells_it_wherever_it_stands() -> None:
    chains = (b"a;b;[spin-idle]", b"[futex];a", b"a;b", b"a;spin-idle")
    trace = take(chain + b" 1.000\n" for chain in chains).trace
    given = samples([(row, 1, Kind.APP) for row in range(4)])
    attribution = with_told_kinds(dataclasses.replace(given, stack=trace.samples.stack), trace)
    kinds = [KINDS[kind] for kind in attribution.kind.tolist()]
    assert kinds == [Kind.SPIN_IDLE, Kind.FUTEX, Kind.APP, Kind.APP]
    assert EVIDENCES[attribution.evidence[0]] is Evidence.SYMBOL
