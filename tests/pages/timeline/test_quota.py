"""A limit over time, from known periods and stretches."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from profiler.pages.base.packed import unpack
from profiler.pages.run.payload import phase_bounds
from profiler.pages.timeline import quota as module
from profiler.pages.timeline.quota import Quota, quota
from tests.pages.limited_run import STRETCHES, limited
from tests.pages.support import spinning

if TYPE_CHECKING:
    import pytest

    from profiler.attribution.analysis import Analysis


def quota_of(analysis: Analysis) -> Quota:
    assert analysis.profile is not None
    found = quota(analysis, analysis.profile, phase_bounds(analysis, analysis.profile))
    assert found is not None
    return found


def spans(made: Quota, name: str) -> list[tuple[float, float]]:
    """Return (begin, end) in ms: the script's reading."""
    gaps, lengths = unpack(made.columns[f"{name}.gap"]), unpack(made.columns[f"{name}.span"])
    edges = list(accumulate(edge for pair in zip(gaps, lengths, strict=True) for edge in pair))
    return [(begin / 1e3, end / 1e3) for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def test_periods_and_stretches_are_where_they_were() -> None:
    made = quota_of(limited())
    assert spans(made, "quota") == [(0, 100), (100, 200), (900, 1000), (1000, 1050)]
    assert [divmod(used, 2) for used in unpack(made.columns["quota.used"])] == [
        *((990, 1), (1040, 1), (250, 0), (600, 0))
    ]
    assert spans(made, "stopped") == list(STRETCHES)
    assert made.about == {"quota_ms": 10, "period_ms": 100}


def test_the_table_counts_every_period() -> None:
    made = quota_of(limited())
    assert [(row.periods, row.throttled) for row in made.rows] == [("1", "0"), ("1", "0"), ("2", "2")]
    assert made.sentence == (
        "The process ran in 4 periods of 100 ms, used 7.20 ms of 10.0 ms on average and was throttled in 2: "
        "it stood still 2 times, 0.155 s in all, 85.0 ms at the longest."
    )


def test_a_process_that_never_ran_has_no_periods() -> None:
    made = quota_of(limited((), ()))
    assert made.sentence == "The process ran in 0 periods of 100 ms."
    assert [row.periods for row in made.rows] == ["0", "0", "0"]


def test_too_many_are_drawn_as_runs_and_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PERIODS", 10)
    made = quota_of(
        limited(
            tuple((10 * i, 5.0, i % 10 == 0) for i in range(1, 101)),
            tuple((10 * i, 10 * i + 1) for i in range(1, 101)),
        )
    )
    assert made.merged
    assert spans(made, "quota")[0] == (0, 100)
    assert [divmod(used, 2) for used in unpack(made.columns["quota.used"])] == [(500, 1)] * 10
    assert spans(made, "stopped") == [(10, 1001)]
    assert sum(int(row.periods) for row in made.rows) == 100


def test_a_strangers_figures_do_no_harm() -> None:
    made = quota_of(limited(((1e12, 1e12, True), (-5, -1, False)), ((-1e12, 1e12), (7, 3))))
    assert all(span >= 0 for span in unpack(made.columns["quota.span"]))


def test_without_a_limit_there_is_none() -> None:
    analysis = spinning().analysis()
    assert analysis.profile is not None
    assert quota(analysis, analysis.profile, phase_bounds(analysis, analysis.profile)) is None
