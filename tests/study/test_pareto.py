from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.study.cell_figures import study_figures
from profiler.study.pareto import pareto_front, tradeoff
from profiler.study.statistic import Statistic
from tests.study.made import Made, make_results

Point = tuple[float, float]
COSTS = st.floats(0, 100).map(lambda cost: round(cost, 1))


def dominates(one: Point, other: Point) -> bool:
    return one[0] <= other[0] and one[1] <= other[1] and one != other


@given(st.lists(st.tuples(COSTS, COSTS), max_size=30))
def test_the_front_is_what_nothing_dominates(points: list[Point]) -> None:
    front = pareto_front(points)
    assert sorted(front) == [
        position
        for position, point in enumerate(points)
        if not any(dominates(other, point) for other in points)
    ]
    assert [points[position][0] for position in front] == sorted(points[position][0] for position in front)


def front_of(*made: Made) -> tuple[Statistic, list[str]]:
    costs = tradeoff(study_figures(make_results(made)))
    return costs.statistic, [choice.row.key.configuration for choice in costs.front]


def test_a_dear_and_slow_configuration_is_not_on_the_front() -> None:
    assert front_of(Made("fast", 2, 20), Made("bad", 9, 25), Made("cheap", 8, 5)) == (
        Statistic.P95,
        ["cheap", "fast"],
    )


def test_an_overloaded_one_is_never_on_the_front() -> None:
    assert front_of(Made("a", 2, 20), Made("b", 1, 1, unserved=3)) == (Statistic.P95, ["a"])


def test_with_too_few_requests_for_p95_the_median_is_judged() -> None:
    assert front_of(Made("a", 2, 20), Made("b", 8, 5, requests=5, repeats=3)) == (
        Statistic.MEDIAN,
        ["b", "a"],
    )


def test_nothing_measured_is_no_choice() -> None:
    assert tradeoff(study_figures(make_results([Made(repeats=0)]))).choices == ()
