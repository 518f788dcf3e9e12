"""Neighbours in the order of creation."""

from __future__ import annotations

import pytest

from profiler.attribution.pools.neighbours import chance_of_at_most, join_neighbours


def test_the_chance_of_few_is_that_of_coins() -> None:
    assert chance_of_at_most(0, 3, 0.5) == pytest.approx(1 / 8)
    assert chance_of_at_most(1, 3, 0.5) == pytest.approx(4 / 8)
    assert chance_of_at_most(3, 3, 0.5) == pytest.approx(1)
    assert chance_of_at_most(0, 100_000, 0.01) == pytest.approx(0, abs=1e-12)


def likeness(left: int, right: int) -> float:
    return 1 / abs(left - right)


def test_the_most_alike_are_joined_first_and_those_of_one_stretch_before_others() -> None:
    stretches = [[[1], [4], [6]], [[7]]]
    assert join_neighbours(stretches, 4, (), likeness) == stretches
    assert join_neighbours(stretches, 3, (), likeness) == [[[1], [4, 6]], [[7]]]
    assert join_neighbours(stretches, 2, (), likeness) == [[[1, 4, 6]], [[7]]]
    assert join_neighbours(stretches, 1, (), likeness) == [[[1, 4, 6, 7]], []]


def test_what_is_no_intra_op_pool_is_neither_counted_nor_joined() -> None:
    assert join_neighbours([[[1], [2], [3]]], 1, {2}, likeness) == [[[1], [2], [3]]]
    assert join_neighbours([[[1], [2]]], 1, {2}, likeness) == [[[1], [2]]]
