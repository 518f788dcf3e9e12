from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.study.compare import trade
from profiler.study.compare.compared import CPU, MEDIAN, P95, ComparedFigure
from profiler.study.compare.tables import PairedTime
from profiler.study.intervals import Basis, Ratio

if TYPE_CHECKING:
    from profiler.study.compare.comparison import Comparison


def figure(name: str, before: float, after: float, margin: float = 0.05) -> ComparedFigure:
    ratio = after / before
    known = ratio_of(ratio, ratio * (1 - margin), ratio * (1 + margin))
    return ComparedFigure(name, "ms", before, after, known, significant=known.significant)


def ratio_of(estimate: float, low: float, high: float, basis: Basis = Basis.REPEATS) -> Ratio:
    return Ratio(estimate, low, high, basis, p=0.01, smallest_found=0.1)


def said(cpu: ComparedFigure, p95: ComparedFigure, median: ComparedFigure | None = None) -> str:
    return trade.headline("B", "A", [cpu, median or figure(MEDIAN, 5, 6), p95])


def test_what_is_saved_and_what_it_costs() -> None:
    sentence = said(figure(CPU, 138, 7.2), figure(P95, 10.5, 12.6))
    assert sentence == (
        "Against A, B saves 131 ms of CPU time a request (\u221295 %) "
        "and costs 2.10 ms of p95 latency (+20 %)."
    )


def test_both_ways_at_once() -> None:
    assert said(figure(CPU, 10, 5), figure(P95, 10, 8)) == (
        "Against A, B saves 5.00 ms of CPU time a request (\u221250 %) "
        "and 2.00 ms of p95 latency (\u221220 %)."
    )
    assert " costs 90.0 ms of CPU time a request (10.0 times) and 2.00 ms" in said(
        figure(CPU, 10, 100), figure(P95, 10, 12)
    )


def test_chance_is_no_saving() -> None:
    sentence = said(figure(CPU, 10, 9.8), figure(P95, 10, 12))
    assert "shows no difference beyond chance in CPU time a request (\u22126.9 % to +2.9 %)" in sentence
    assert sentence.endswith("costs 2.00 ms of p95 latency (+20 %).")


def test_without_an_interval_it_says_so_and_without_a_p95_takes_the_median() -> None:
    missing = ComparedFigure(P95, "ms", None, None)
    sentence = said(ComparedFigure(CPU, "ms", 10.0, 12.0), missing)
    assert "shows 2.00 ms more of CPU time a request (how surely is not known)" in sentence
    assert sentence.endswith("costs 1.00 ms of median latency (+20 %).")


def test_one_run_each_is_not_enough_unless_the_difference_is_beyond_what_runs_vary() -> None:
    def single(ratio: float, *, significant: bool) -> ComparedFigure:
        known = ratio_of(ratio, ratio * 0.8, ratio * 1.2, Basis.MACHINE)
        return ComparedFigure(CPU, "ms", 10.0, 10.0 * ratio, known, significant=significant)

    p95 = ComparedFigure(P95, "ms", None, None)
    assert said(single(1.1, significant=False), p95, p95).startswith(
        "Not enough to tell, with one run each: against A, B shows no difference beyond chance in CPU time"
    )
    assert said(single(3.0, significant=True), p95, p95).startswith("Against A, B costs 20.0 ms of CPU time")


def test_nothing_in_common() -> None:
    missing = [ComparedFigure(name, "ms", None, None) for name in (CPU, MEDIAN, P95)]
    assert trade.headline("B", "A", missing) == "B and A have no measured figure in common."


def test_waiting_to_be_woken_is_named() -> None:
    parts = [
        PairedTime("compute", (5.0, 5.1)),
        PairedTime("blocked", (0.0, 2.0)),
        PairedTime("spin-join", (0.5, 0.5)),
    ]
    meanwhile = [PairedTime("waking", (0.0, 1.6)), PairedTime("computing", (0.5, 0.9))]
    assert trade.latency_sentence(parts, meanwhile) == (
        "The mean profiled request was 2.10 ms longer: 1.60 ms more waiting for workers to be woken, "
        "0.400 ms more waiting for workers that computed and 0.100 ms more computing."
    )
    assert trade.latency_sentence([], []) == ""


def test_what_the_caller_and_what_its_workers_were_throttled_is_told_apart() -> None:
    parts = [PairedTime("throttled", (17.3, 0.0)), PairedTime("blocked", (4.0, 0.0))]
    assert trade.latency_sentence(parts, [PairedTime("throttled", (4.0, 0.0))]) == (
        "The mean profiled request was 21.3 ms shorter: 17.3 ms less throttled and "
        "4.00 ms less waiting for throttled workers."
    )


def test_what_may_be_chance_is_not_said() -> None:
    kinds = [
        PairedTime("spin-idle", (70.0, 0.0)),
        PairedTime("futex", (0.1, 3.9)),
        PairedTime("app", (0.0, 9.0), chance=True),
    ]
    assert trade.cpu_sentence(kinds) == (
        "In the profile phase, a request's CPU time held 70.0 ms less idle spinning "
        "and 3.80 ms more futex calls."
    )
    assert trade.cpu_sentence([PairedTime("app", (1.0, 2.0), chance=True)]) == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.5, 0.9, "\u221250 % to \u221210 %"),
        (0.9, 4.0, "\u221210 % to +300 %"),
        (4.0, 5.0, "4.00 times to 5.00 times"),
    ],
)
def test_intervals_in_percent_or_in_factors(low: float, high: float, text: str) -> None:
    assert trade.interval(ratio_of(1.0, low, high)) == text


def test_the_golden_trade(comparison: Comparison) -> None:
    assert comparison.headline.startswith("Against spin-on+t2, spin-off+t2 saves ")
    assert "of CPU time a request (\u2212" in comparison.headline
    disturbed, shares, _ = comparison.details
    assert disturbed.startswith("spin-on+t2: Under perf the median latency was 50 % longer: ")
    assert "less idle spinning" in shares
