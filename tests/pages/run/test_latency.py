from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.chart.axis import ticks
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
    assert max(bar.height for bar in drawn.bars) == pytest.approx(HEIGHT)
    counts = sum(bar.height / HEIGHT * drawn.highest for bar in drawn.bars)
    assert counts == pytest.approx(100)
    assert [mark.label for mark in drawn.marks] == ["p50", "p95", "p99"]


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
