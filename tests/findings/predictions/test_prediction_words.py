from __future__ import annotations

from profiler.findings.predictions import prediction_words
from profiler.run.predictions import (
    Basis,
    Predicted,
    PredictedConfiguration,
    PredictionFigures,
    WakeUpCost,
)
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import from_document
from tests.summaries import edited, made_summary, written

SURE = Predicted(value=6.0, low=5.5, high=6.5)
BOUNDS = Predicted(low=5.0, high=9.0, unavailable="nobody counted")
GONE = Predicted(unavailable="a limit")


def configuration(name: str, cpu: Predicted, latency: Predicted) -> PredictedConfiguration:
    return PredictedConfiguration(
        config=name, settings={}, cpu_ms_per_request=cpu, cpu_percent=cpu, p50_ms=latency, p95_ms=latency
    )


FIGURES = PredictionFigures(
    basis=Basis.INFERRED,
    requests=100,
    wake_up=WakeUpCost(count=40, latency_ms=0.05, cpu_ms=0.03),
    configurations=[configuration("spin-off", BOUNDS, GONE), configuration("single-thread", SURE, GONE)],
)
SUMMARY = made_summary(predictions=FIGURES)
COSTS = (
    "Predicted from this recording alone, of 100 requests (inferred); a woken worker took 0.050 ms to run "
    "and 0.030 ms of CPU time here."
)


def test_a_row_a_configuration_below_what_was_recorded() -> None:
    rows = [(row.name, row.cells) for row in prediction_words.rows(SUMMARY)]
    assert rows == [
        ("as recorded", ("11.8", "11.8", "4.00", "5.00")),
        ("spin-off", ("5.00 to 9.00", "5.00 to 9.00", "-", "-")),
        ("single-thread", ("6.00 (5.50 to 6.50)", "6.00 (5.50 to 6.50)", "-", "-")),
    ]
    assert prediction_words.title(SUMMARY) == "predicted (requests inferred)"


def test_the_basis_is_said_and_each_reason_once() -> None:
    assert prediction_words.sentences(SUMMARY) == [
        COSTS,
        "spin-off (CPU time a request and use of a core): nobody counted.",
        "spin-off and single-thread (p50 and p95): a limit.",
    ]
    exact = edited(SUMMARY, predictions__basis=Basis.MARKED, predictions__wake_up=WakeUpCost(0, None, None))
    assert prediction_words.sentences(exact)[0] == (
        "Predicted from this recording alone, of 100 requests (exact)."
    )
    assert prediction_words.title(exact) == "predicted"


def test_a_reason_that_another_begins_with_is_said_there() -> None:
    longer = Predicted(unavailable="nobody counted; the bounds are more than tenfold apart")
    both = edited(SUMMARY, predictions__configurations=[configuration("spin-off", BOUNDS, longer)])
    assert prediction_words.sentences(both)[1:] == [
        "spin-off (p50 and p95): nobody counted; the bounds are more than tenfold apart."
    ]


def test_a_reason_for_all_figures_names_none() -> None:
    neither = edited(
        SUMMARY,
        predictions__configurations=[
            configuration("spin-off", GONE, GONE),
            configuration("spin-1ms", BOUNDS, GONE),
        ],
    )
    assert prediction_words.sentences(neither)[1] == "spin-off, spin-1ms (p50 and p95): a limit."


def test_why_there_are_none() -> None:
    gone = made_summary(predictions=Unavailable("no pool", "none is needed"))
    assert prediction_words.rows(gone) == []
    assert prediction_words.sentences(gone) == []
    assert prediction_words.why_none(gone) == "Other settings can't be predicted: no pool (none is needed)."
    assert prediction_words.why_none(SUMMARY) == ""


def test_a_summary_of_a_version_before_says_nothing() -> None:
    document = written(SUMMARY)
    assert from_document(document) == SUMMARY
    del document["predictions"]
    assert prediction_words.rows(from_document(document)) == []
