from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.chart.labels import LINE, label_shifts, spaced_labels, text_percent

HEIGHT = 240.0


def test_a_label_alone_stays_at_its_point() -> None:
    assert label_shifts([(20, 100, "alone")], HEIGHT) == [0]
    assert label_shifts([(20, 100, "left"), (21, 10, "above")], HEIGHT) == [0, 0]


def test_labels_of_points_at_one_place_are_a_line_apart() -> None:
    places = sorted(label_shifts([(20, 100, "one"), (20, 100, "two"), (20, 100, "three")], HEIGHT))
    assert places == [-LINE, 0, LINE]


def test_a_label_on_the_left_evades_one_on_the_right() -> None:
    right, left = label_shifts([(50, 100, "spin-on+t4"), (60, 103, "spin-off+t4")], HEIGHT)
    assert abs(100 + right - (103 + left)) >= LINE


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, HEIGHT), st.text("abc", min_size=1, max_size=24)),
        max_size=8,
    )
)
def test_no_label_lies_on_another(points: list[tuple[float, float, str]]) -> None:
    shifts = label_shifts(points, HEIGHT)
    spans = []
    for (x, y, text), shift in zip(points, shifts, strict=True):
        width = text_percent(text)
        spans.append((x - width if x > 55 else x, x if x > 55 else x + width, y + shift))
    for (left, right, y), (other_left, other_right, other_y) in combinations(spans, 2):
        gap = 100 * 20 / 290  # between texts that face each other, their points lie
        meet = left < other_right - gap and other_left < right - gap
        assert not meet or abs(y - other_y) >= LINE - 1e-6


@pytest.mark.parametrize(
    ("places", "kept"),
    [
        ([(0, "0.05"), (3, "0.06"), (50, "0.2"), (96, "0.9"), (100, "none")], ["0.05", "0.2", "none"]),
        ([(0, "0.1"), (50, "0.2"), (100, "none")], ["0.1", "0.2", "none"]),
        ([(40, "1")], ["1"]),
        ([], []),
    ],
)
def test_labels_of_an_axis_keep_their_distance(places: list[tuple[float, str]], kept: list[str]) -> None:
    assert [label for _, label in spaced_labels(places)] == kept
