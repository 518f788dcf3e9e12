"""Requests of known lengths and waits, where the chart draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.attribution.analysis import Analysis
from profiler.attribution.requests.length_figures import length_figures
from profiler.pages.run.by_length import by_length
from profiler.pages.run.latency import HEIGHT, MOST_MARKS
from profiler.pages.run.report_page import render
from tests.pages.parsed_page import Page
from tests.pages.support import spinning
from tests.sized_requests import recorded

if TYPE_CHECKING:
    from collections.abc import Sequence


def analysis(sizes: Sequence[int], waits_ms: Sequence[int]) -> Analysis:
    made = recorded(sizes, waits_ms)
    summary = msgspec.structs.replace(spinning().analysis().summary, lengths=length_figures(made))
    return Analysis(made, summary, None)


def test_a_request_stands_at_its_length_and_a_wait_on_top_of_what_it_took() -> None:
    chart = by_length(analysis([10] * 50 + [100] * 50, [0] * 99 + [49]))  # 6 ms, 51 ms and one of 100 ms
    assert chart is not None
    assert len(chart.marks) == 100
    short, long, waited = chart.marks[0], chart.marks[50], chart.marks[-1]
    assert (short.x, long.x, waited.x) == (10, 100, 100)
    assert (short.served_y, long.served_y) == pytest.approx((HEIGHT * 0.94, HEIGHT * 0.49))
    assert not short.late
    assert short.top == short.served_y
    assert waited.late
    assert waited.top == pytest.approx(0)
    assert waited.served_y == long.served_y
    assert waited.title == "length 100: 100 ms, of which 49.0 ms before it started"
    assert chart.line == pytest.approx((10, HEIGHT * 0.94, 100, HEIGHT * 0.49))


def test_of_many_requests_the_slowest_are_drawn() -> None:
    count = MOST_MARKS + 500
    chart = by_length(analysis([10, 20] * (count // 2), [0] * count))
    assert chart is not None
    assert (len(chart.marks), chart.left_out) == (MOST_MARKS, 500)
    assert sum(mark.x == chart.marks[1].x for mark in chart.marks) == count // 2


def test_the_page_has_it_where_lengths_differ() -> None:
    label = "Latency of requests by their length; the verdict says what the slowest were made of"
    assert label in _labels(render(analysis([10, 20] * 50, [0] * 100)))
    assert label not in _labels(render(spinning().analysis()))


def _labels(html: str) -> set[str | None]:
    return {attributes.get("aria-label") for _, attributes in Page(html).elements}
