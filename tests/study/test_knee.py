from __future__ import annotations

import pytest

from profiler.study.cell_figures import curves, study_figures
from profiler.study.knee import Knee, find_knee, find_knees
from profiler.study.sentences import knee_sentences
from profiler.study.statistic import Statistic
from tests.study.made import Made, make_results

LIMITS = (0.05, 0.1, 0.2, 0.5, None)


def line(*latencies: float, **changes: float) -> list[Made]:
    """Cells of one configuration under `LIMITS`, with these latencies."""
    return [
        Made(cpus=cpus, latency_ms=latency, **changes)  # type: ignore[arg-type]  # counts are floats here
        for cpus, latency in zip(LIMITS, latencies, strict=True)
    ]


def knee(made: list[Made]) -> Knee | None:
    return find_knee(make_results(made).cells)


def sentence(made: list[Made]) -> str:
    (said,) = knee_sentences(find_knees(curves(study_figures(make_results(made)))))
    return said


def cpus(made: list[Made]) -> float | None:
    found = knee(made)
    assert found is not None
    return None if found.at.limit is None else found.at.limit.cpus


def test_the_knee_is_the_smallest_limit_that_costs_hardly_any_latency() -> None:
    found = knee(line(100, 40, 5.5, 5.1, 5))
    assert found is not None
    assert found.statistic is Statistic.P95
    assert found.at.limit is not None
    assert found.at.limit.cpus == 0.2
    assert found.below is not None
    assert found.below.limit is not None
    assert found.below.limit.cpus == 0.1
    assert found.sure


def test_a_dip_below_the_knee_does_not_move_it() -> None:
    assert cpus(line(5, 40, 5, 5, 5)) == 0.2


def test_the_order_of_cells_does_not_matter() -> None:
    assert cpus(line(100, 40, 5.5, 5.1, 5)[::-1]) == 0.2


def test_without_any_rise_the_knee_is_below_all_limits() -> None:
    found = knee(line(5, 5, 5, 5, 5))
    assert found is not None
    assert found.below is None
    assert "is below 0.05 CPU" in sentence(line(5, 5, 5, 5, 5))


def test_when_every_limit_costs_latency_the_loosest_is_the_knee() -> None:
    found = knee(line(100, 80, 60, 40, 5))
    assert found is not None
    assert found.at.limit is None
    assert found.sure


def test_noise_leaves_it_open() -> None:
    found = knee(line(100, 40, 5.9, 5.1, 5, spread=0.5))
    assert found is not None
    assert not found.sure
    assert "about" in sentence(line(100, 40, 5.9, 5.1, 5, spread=0.5))


def test_an_overloaded_limit_is_past_the_knee() -> None:
    made = line(5, 5, 5, 5, 5)
    made[1] = Made(cpus=0.1, latency_ms=5, unserved=4)
    assert cpus(made) == 0.2
    assert "at 0.1 CPU requests came faster than they were served" in sentence(made)


def test_few_requests_are_judged_by_the_median() -> None:
    found = knee(line(100, 40, 5.5, 5.1, 5, requests=8))
    assert found is not None
    assert found.statistic is Statistic.MEDIAN


@pytest.mark.parametrize(
    "made",
    [
        line(1, 1, 1, 1, 1)[:3],
        line(5, 5, 5, 5, 5, unserved=1),
        line(5, 5, 5, 5, 5, repeats=0),
        line(5, 5, 5, 5, 5, requests=1),
    ],
)
def test_where_nothing_can_be_said_there_is_no_knee(made: list[Made]) -> None:
    assert knee(made) is None
