from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.chart.axis import ticks, whole_ticks
from profiler.pages.run import latency as module
from profiler.pages.run.latency import HEIGHT, distribution, latency, strip
from profiler.run.request import Request

MS = 1_000_000


def requests(*latencies_ms: float, late_ms: float = 0, phase: str = "measure") -> list[Request]:
    return [
        Request(phase, i * 1000 * MS, int(i * 1000 * MS + late_ms * MS), int((i * 1000 + ms) * MS), 0)
        for i, ms in enumerate(latencies_ms)
    ]


@given(st.floats(1e-9, 1e12))
def test_ticks_cover_the_highest_value_and_not_much_more(highest: float) -> None:
    found = ticks(highest)
    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-6)
    assert found[-2] <= highest * (1 + 1e-6)
    assert 2 <= len(found) <= 8


def test_few_requests_have_no_histogram_but_every_one_is_a_step() -> None:
    drawn = distribution(requests(1, 2, 4))
    assert drawn.bars == ()
    assert [mark.label for mark in drawn.marks] == ["p50"]
    assert drawn.steps[-1][1] == 0
    assert drawn.steps[-1][2] == 100


def test_the_histogram_holds_every_request() -> None:
    drawn = distribution(requests(*range(1, 101)))
    most = int(drawn.counts[-1].label)
    counts = [bar.height / HEIGHT * most for bar in drawn.bars]
    assert sum(counts) == pytest.approx(100)
    assert max(counts) <= most
    assert [tick.at for tick in drawn.counts][:: len(drawn.counts) - 1] == [HEIGHT, 0]
    assert [mark.label for mark in drawn.marks] == ["p50", "p95", "p99"]


@given(st.integers(0, 10**9))
def test_counts_are_on_an_axis_of_whole_numbers(highest: int) -> None:
    found = whole_ticks(highest)
    assert found[0] == 0
    assert found[-1] >= max(highest, 1) > found[-2]
    assert len(found) <= 8


def test_percentiles_close_together_have_labels_in_rows() -> None:
    apart = distribution(requests(*[1.0] * 90, *[5.0] * 8, 9.0, 9.0))
    assert {mark.label: mark.row for mark in apart.marks} == {"p50": 0, "p95": 0, "p99": 0}
    close = distribution(requests(*[9.0] * 100))
    assert [mark.row for mark in close.marks] == [0, 1, 2]
    two = distribution(requests(*[2.0] * 94, *[9.0] * 6))
    assert [mark.row for mark in two.marks] == [0, 0, 1]


def test_late_starts_are_marked() -> None:
    drawn = strip([*requests(3, 3), *requests(9, late_ms=4)])
    assert drawn.late == 1
    late = next(mark for mark in drawn.marks if mark.late)
    assert late.top < late.late_y < HEIGHT
    assert "4.00 ms before it started" in late.title


def test_many_requests_keep_the_slowest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_MARKS", 50)
    drawn = strip(requests(*[1.0] * 700, 80.0, *[1.0] * 299))
    assert drawn.merged
    assert len(drawn.marks) <= 51
    assert min(mark.top for mark in drawn.marks) == pytest.approx(HEIGHT * 0.2)


def test_the_measured_phase_is_shown_else_the_profiled_one() -> None:
    both = [*requests(1), *requests(1, 2, phase="profile")]
    shown = latency(both)
    assert shown is not None
    assert (shown.phase, shown.requests) == ("measured", 1)
    only = latency(requests(1, 2, phase="profile"))
    assert only is not None
    assert only.phase == "profiled"
    assert latency(requests(1, phase="warmup")) is None
