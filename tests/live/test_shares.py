from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.live.shares import SpentByKind, ThreadShares
from profiler.run.kinds import Kind

STRETCHES = st.lists(
    st.tuples(
        st.integers(0, 10**9),
        st.dictionaries(st.sampled_from([Kind.COMPUTE, Kind.SPIN_IDLE]), st.integers(1, 9)),
    )
)


def test_time_waits_for_a_sample() -> None:
    shares = ThreadShares()
    assert shares.spend(30, 2, {}).by_kind == {}
    assert shares.spend(10, 1, {Kind.COMPUTE: 3, Kind.SPIN_IDLE: 1}) == SpentByKind(
        {Kind.COMPUTE: 30.0, Kind.SPIN_IDLE: 10.0}, 10, 1, 4
    )
    assert shares.end() == SpentByKind()


def test_what_no_sample_told_is_unknown_in_the_end() -> None:
    shares = ThreadShares()
    shares.spend(7, 0, {})
    assert shares.end().by_kind == {Kind.UNKNOWN: 7}
    assert shares.end().by_kind == {}


@given(STRETCHES)
def test_nothing_is_lost_and_nothing_is_made(stretches: list[tuple[int, dict[Kind, int]]]) -> None:
    shares, whole = ThreadShares(), SpentByKind()
    for cpu_ns, kinds in stretches:
        before = dict(whole.by_kind)
        whole.add(shares.spend(cpu_ns, 0, kinds))
        assert all(whole.by_kind[kind] >= ns for kind, ns in before.items())
    whole.add(shares.end())
    total = sum(cpu_ns for cpu_ns, _ in stretches)
    assert whole.cpu_ns == total
    assert abs(sum(whole.by_kind.values()) - total) <= 1e-6 * total
