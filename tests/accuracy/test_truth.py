"""The truth's own arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.run.kinds import Kind
from tests.accuracy.truth import Thread, Truth, overlap

POINTS = st.lists(st.integers(0, 60), unique=True, max_size=12).map(sorted)


def pairs(points: list[int]) -> list[tuple[int, int]]:
    return list(zip(points[::2], points[1::2], strict=False))


@given(POINTS, POINTS)
def test_overlap_counts_what_both_cover(left: list[int], right: list[int]) -> None:
    def covered(points: list[int]) -> set[int]:
        return {at for start, end in pairs(points) for at in range(start, end)}

    assert overlap(pairs(left), pairs(right)) == len(covered(left) & covered(right))


def test_a_workers_spin_is_busy_inside_requests_by_its_own_clock() -> None:
    caller = Thread(1, 0, 30, [(0, "o"), (10, "c"), (20, "s")], [(5, 30)])
    worker = Thread(2, 100, 200, [(100, "f"), (110, "c"), (130, "s"), (190, "f")], [(105, 150)])
    truth = Truth([caller, worker], [[(0, 1)]])
    assert truth.total_ns == 130
    assert truth.cpu_ns_by_kind() == {
        Kind.UNKNOWN: 10,
        Kind.COMPUTE: 10 + 20,
        Kind.SPIN_JOIN: 10,
        Kind.SPIN_BUSY: 20,
        Kind.SPIN_IDLE: 40,
        Kind.FUTEX: 10 + 10,
    }
