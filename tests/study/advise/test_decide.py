from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.spec.configuration import SessionConfiguration
from profiler.study.advise.candidates import Candidate, Standing, candidate
from profiler.study.advise.decide import contenders, decide
from profiler.study.intervals import Interval
from tests.study.synthetic import BLOCKING, SINGLE, SPINNING, make_cell

FIGURES = st.floats(0.01, 1e4)


INTERVALS = st.tuples(FIGURES, st.floats(1, 3)).map(
    lambda drawn: Interval(drawn[0], drawn[0] / drawn[1], drawn[0] * drawn[1])
)
CANDIDATES = st.lists(
    st.tuples(INTERVALS, st.none() | INTERVALS, st.sampled_from([0, 0, 1, 50])), min_size=1, max_size=5
).map(
    lambda drawn: [
        Candidate(f"c{number}", SessionConfiguration(name=f"c{number}"), cpu_ms, p95_ms, 100, 5, unserved)
        for number, (cpu_ms, p95_ms, unserved) in enumerate(drawn)
    ]
)


def fixed(name: str, cpu_ms: float, p95_ms: float | None, *, off: float = 1.05) -> Candidate:
    def around(value: float) -> Interval:
        return Interval(value, value / off, value * off)

    return Candidate(
        name,
        SessionConfiguration(name=name),
        around(cpu_ms),
        None if p95_ms is None else around(p95_ms),
        100,
        5,
    )


@given(CANDIDATES, FIGURES)
def test_the_choice_surely_meets_the_target_at_the_least_cost(
    found: list[Candidate], target_ms: float
) -> None:
    decision = decide(found, target_ms)
    meeting = [
        each
        for each in found
        if each.p95_ms is not None and each.p95_ms.high <= target_ms and each.unserved < 50
    ]
    assert sorted(each.label for each in decision.ranked) == sorted(each.label for each in found)
    if not meeting:
        assert decision.chosen is decision.runner_up is None
        return
    assert decision.chosen in meeting
    assert decision.chosen.cpu_ms.estimate == min(each.cpu_ms.estimate for each in meeting)
    assert decision.nearest is None
    assert (decision.runner_up is None) == (len(meeting) == 1)


@given(CANDIDATES, FIGURES)
def test_the_nearest_is_the_one_whose_latency_may_be_lowest(found: list[Candidate], target_ms: float) -> None:
    decision = decide(found, target_ms)
    known = [each for each in found if each.p95_ms is not None and not each.overloaded]
    if decision.chosen is None and known:
        assert decision.nearest is not None
        assert decision.nearest.p95_ms is not None
        assert decision.nearest.p95_ms.high == min(each.p95_ms.high for each in known if each.p95_ms)


@given(CANDIDATES, FIGURES, st.integers(2, 4))
def test_a_first_look_keeps_what_could_win(found: list[Candidate], target_ms: float, most: int) -> None:
    kept = contenders(found, target_ms, most)
    assert len(kept) == len({each.label for each in kept}) <= most
    assert len(kept) >= min(2, len(found))
    safe = [
        each
        for each in found
        if each.p95_ms and not each.overloaded and each.p95_ms.estimate * 1.5 <= target_ms
    ]
    if safe:
        assert min(safe, key=lambda each: each.cpu_ms.estimate) in kept


def test_standing_follows_the_interval() -> None:
    assert fixed("a", 1, 10).standing(10.5) is Standing.MEETS
    assert fixed("a", 1, 10).standing(10) is Standing.UNSURE
    assert fixed("a", 1, 10).standing(9.5) is Standing.MISSES
    assert fixed("a", 1, None).standing(10) is Standing.UNKNOWN


def test_ranking_puts_what_meets_before_what_might_and_what_misses() -> None:
    ranked = decide(
        [
            fixed("misses", 1, 30),
            fixed("unknown", 2, None),
            fixed("unsure", 3, 20),
            fixed("dear", 9, 10),
            fixed("cheap", 4, 10),
        ],
        20,
    ).ranked
    assert [each.label for each in ranked] == ["cheap", "dear", "unsure", "unknown", "misses"]


def test_contenders_leave_out_what_costs_much_more_or_is_far_too_slow() -> None:
    found = [
        fixed("safe", 5, 10),
        fixed("cheaper-but-slow", 1, 60),
        fixed("cheaper-and-near", 3, 20),
        fixed("a-little-dearer", 6, 10),
        fixed("much-dearer", 50, 5),
    ]
    kept = [each.label for each in contenders(found, 20, 4)]
    assert kept == ["safe", "cheaper-and-near", "a-little-dearer"]


def test_cells_become_candidates_with_intervals_around_the_truth() -> None:
    for configuration, latency, cpu in ((SINGLE, 7.0, 5.6), (SPINNING, 4.0, 138.0), (BLOCKING, 6.0, 7.2)):
        found = candidate(make_cell(configuration, latency, cpu))
        assert found is not None
        assert found.p95_ms is not None
        assert found.cpu_ms.low < cpu < found.cpu_ms.high
        # Of a normal distribution with a spread of 2 %, the 95th percentile is 1.645 spreads above the mean.
        assert found.p95_ms.low < latency * 1.0329 < found.p95_ms.high
        assert (found.repeats, found.requests) == (5, 500)


def test_too_few_requests_or_none_at_all_are_said() -> None:
    few = candidate(make_cell(SINGLE, 7, 5, requests=19))
    assert few is not None
    assert few.standing(100) is Standing.UNKNOWN
    assert candidate(make_cell(SINGLE, 7, 5, requests=0)) is None
    assert candidate(make_cell(SINGLE, 7, 5, repeats=0)) is None


def test_latencies_of_an_overloaded_service_meet_nothing() -> None:
    found = candidate(make_cell(SINGLE, 7, 5, requests=95, unserved=5))
    assert found is not None
    assert found.standing(100) is Standing.MISSES
    served = candidate(make_cell(SINGLE, 7, 5, requests=96, unserved=4))
    assert served is not None
    assert served.standing(100) is Standing.MEETS
