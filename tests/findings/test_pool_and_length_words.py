from __future__ import annotations

from profiler.findings.inter_op_words import inter_op_sentence
from profiler.findings.load.length_words import tail_by_length
from profiler.findings.verdict import verdict
from profiler.run.kinds import Kind
from profiler.run.parts import PoolFigures
from profiler.run.processes import PoolRole
from profiler.run.sections.request_section import LengthFigures
from tests.summaries import made_summary

LENGTHS = LengthFigures(
    requests=400,
    slowest=20,
    mean_length=68.0,
    slowest_length=120.4,
    ms_per_element=0.1,
    longer_ms=12.0,
    waiting_ms=7.26,
    length_ms=5.24,
    rest_ms=-0.5,
)


def test_a_tail_is_explained_by_waiting_and_by_length() -> None:
    summary = made_summary(lengths=LENGTHS)
    (said,) = tail_by_length(summary)
    assert said == (
        "The slowest 20 of 400 requests took 12.0 ms longer than the mean one: 7.26 ms waiting to start, "
        "5.24 ms for their length (120 against 68), -0.500 ms neither."
    )
    assert said in verdict(summary).text
    assert tail_by_length(made_summary()) == []


def test_an_inter_op_pool_is_told_from_the_intra_op_one() -> None:
    pools = [
        PoolFigures(id=role.value, process=1, role=role, threads=2, callers=1, total_ms=total, by_kind=kinds)
        for role, total, kinds in (
            (PoolRole.INTRA_OP, 100.0, {Kind.COMPUTE: 100.0}),
            (PoolRole.INTER_OP, 295.0, {Kind.SPIN_IDLE: 200.0, Kind.COMPUTE: 95.0}),
        )
    ]
    summary = made_summary(pools=pools)
    assert inter_op_sentence(summary) == [
        "The inter-op pool's 2 threads used 25 % of the CPU time, 68 % of it spinning."
    ]
    assert inter_op_sentence(summary)[0] in verdict(summary).text
    assert inter_op_sentence(made_summary(pools=pools[:1])) == []
