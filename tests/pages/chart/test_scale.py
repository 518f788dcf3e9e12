from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.chart.scale import logarithmic, scale

POSITIVE = st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20)


def test_values_of_one_order_start_at_zero() -> None:
    axis = scale([3.0, 9.0, 25.0])
    assert not axis.logarithmic
    assert (axis.low, axis.ticks[0]) == (0.0, 0.0)
    assert axis.high >= 25


def test_values_that_differ_tenfold_are_logarithmic_with_round_ticks() -> None:
    axis = scale([4.0, 50.0, 900.0])
    assert axis.logarithmic
    assert axis.ticks == (10.0, 100.0, 1000.0)
    assert scale([4.0, 50.0]).ticks == (5.0, 10.0, 20.0, 50.0)


def test_a_zero_has_no_place_on_a_logarithmic_axis() -> None:
    assert not scale([0.0, 1.0, 1000.0]).logarithmic


@pytest.mark.parametrize("values", [[], [0.0]])
def test_nothing_to_show_is_an_axis_all_the_same(values: list[float]) -> None:
    assert scale(values).place(0.0) == 0.0


@given(POSITIVE)
def test_places_are_on_the_axis_and_in_order(values: list[float]) -> None:
    for axis in (scale(values), logarithmic(values)):
        places = [axis.place(value) for value in sorted(values)]
        assert all(0 <= place <= 1 for place in places)
        assert places == sorted(places)
        assert all(axis.low <= tick <= axis.high * (1 + 1e-9) for tick in axis.ticks)
        assert len(axis.ticks) <= 12
    assert axis.place(axis.high * 2) == 1
