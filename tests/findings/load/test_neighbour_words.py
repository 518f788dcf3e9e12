from __future__ import annotations

from profiler.findings.load.neighbour_words import neighbour_sentence
from profiler.findings.verdict import verdict
from profiler.run.neighbour import Neighbour, Stretch
from tests.summaries import made_summary

SECOND = 1_000_000_000
IDLE = Stretch(SECOND, 2 * SECOND, 1000)


def test_what_a_neighbour_got_done_is_said_in_a_sentence() -> None:
    beside = Stretch(2 * SECOND, 3 * SECOND, 1500)
    summary = made_summary(neighbour=Neighbour(2, [IDLE, IDLE], beside))
    (said,) = neighbour_sentence(summary)
    assert said == (
        "A CPU-bound neighbour on the same CPUs got 75 % of what it gets done beside the idle service, with "
        "1.50 instead of 2.00 CPU: the service used 0.118, 25 % of it spinning by the profile."
    )
    assert said in verdict(summary).text


def test_without_one_or_before_it_worked_there_is_nothing_to_say() -> None:
    assert neighbour_sentence(made_summary()) == []
    nothing = Neighbour(2, [Stretch(0, 0, 0)], Stretch(0, 0, 0))
    assert neighbour_sentence(made_summary(neighbour=nothing)) == []
