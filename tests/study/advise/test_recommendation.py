from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import UsageError
from profiler.spec.catalogue import presets
from profiler.spec.configuration import SessionConfiguration
from profiler.spec.limit import Limit
from profiler.spec.workload import Arrivals
from profiler.study.advise import phrases
from profiler.study.advise.advice_document import document, pasteable
from profiler.study.advise.evidence import Grounds, pick_group
from profiler.study.advise.recommendation import LatencyTarget, Recommendation, recommend
from profiler.study.cells import Group
from tests.study.synthetic import BLOCKING, SINGLE, SPINNING, make_cell

if TYPE_CHECKING:
    from profiler.study.results import Cell

QUIET = Group("minilm", None, 10.0, Arrivals.FIXED)
DEFAULT = SessionConfiguration(name="spin-on")
AT_TEN = [
    make_cell(SINGLE, 7.0, 5.6),
    make_cell(BLOCKING, 6.0, 7.2),
    make_cell(SPINNING, 4.0, 138.0),
    make_cell(DEFAULT, 4.5, 140.0),
]
HEAVY = [
    make_cell(SINGLE, 9.0, 5.6, rate=80.0),
    make_cell(SPINNING, 4.2, 5.0, rate=80.0),
    make_cell(SINGLE, 7.0, 5.6, rate=None),
    make_cell(SPINNING, 4.0, 4.8, rate=None),
]


def advise(p95_ms: float, cells: list[Cell], group: Group = QUIET) -> Recommendation:
    return recommend(cells, LatencyTarget(p95_ms, group), pool_threads={"spin-on": 4})


def chosen(found: Recommendation) -> str | None:
    return None if found.chosen is None else found.chosen.label


def said(found: Recommendation) -> str:
    return " ".join([phrases.headline(found), *phrases.sentences(found)])


@pytest.mark.parametrize(
    ("p95_ms", "label"),
    [(20, "single-thread"), (6.5, "spin-off+t4"), (4.6, "spin-on+t4"), (3, None)],
)
def test_targets_lead_to_the_answers_that_were_built_in(p95_ms: float, label: str | None) -> None:
    assert chosen(advise(p95_ms, AT_TEN)) == label


def test_the_answer_says_how_sure_it_is_and_what_others_cost() -> None:
    text = said(advise(20, AT_TEN))
    assert text.startswith(
        "Choose single-thread: the least CPU time a request of those that surely meet a p95 of 20.0 ms at "
        "10 requests/s. single-thread takes 5.6"
    )
    assert "with 95 % confidence (5 repeats, 500 requests)" in text
    assert "The runner-up spin-off+t4 costs 29 % more (" in text
    assert "ONNX Runtime's default, spin-on costs 25.0 times as much (" in text


def test_one_run_of_each_is_called_that() -> None:
    assert "This rests on one run of each" in said(advise(20, [make_cell(SINGLE, 7, 5.6, repeats=1)]))


def test_spinning_wins_where_requests_come_close_together() -> None:
    found = advise(20, [*AT_TEN, *HEAVY])
    assert found.turn is not None
    assert found.turn.rival.label == "spin-on+t4"
    # Between a gap of 100 ms, where it costs 132.4 ms more, and 12.5 ms, where it costs 0.6 ms less:
    # 100 ms - 87.5 ms x 132.4 / 133 = 12.9 ms, so 77.5 a second.
    assert found.turn.rate == pytest.approx(77.5, rel=0.01)
    assert found.turn.above == pytest.approx(10)
    assert found.turn.below == pytest.approx(80)
    text = said(found)
    assert "Spinning wins from about 77.6 requests a second on: there, spin-on+t4 costs as much" in text
    assert "(by a line through what was measured at 10 and 80 requests a second)" in text
    assert "With requests back to back (" in text
    assert "a second), choose spin-on+t4." in text


def test_where_latency_turns_the_choice_no_rate_of_equal_cost_is_made_up() -> None:
    slow = [make_cell(SINGLE, 30, 5.6, rate=80.0), make_cell(SPINNING, 4.2, 50.0, rate=80.0)]
    found = advise(20, [*AT_TEN, *slow])
    assert found.turn is not None
    assert found.turn.rate is None
    assert "Somewhere between 10 and 80 requests a second, spin-on+t4 becomes the choice" in said(found)


def test_where_spinning_never_wins_that_is_said() -> None:
    calm = [make_cell(SINGLE, 7, 5.6, rate=None), make_cell(SPINNING, 4, 9.0, rate=None)]
    assert "At no load that was tried does a configuration that spins win." in said(advise(20, AT_TEN + calm))
    assert "Back-to-back load was not tried" in said(advise(20, AT_TEN))


def test_where_spinning_is_the_choice_it_is_not_said_to_lose() -> None:
    calm = [make_cell(SINGLE, 3.0, 5.6, rate=None), make_cell(SPINNING, 2.9, 9.0, rate=None)]
    text = said(advise(4.6, AT_TEN + calm))
    assert text.startswith("Choose spin-on+t4")
    assert "With requests back to back (" in text
    assert "choose single-thread." in text
    assert "At no load" not in text


def test_a_rate_at_which_nothing_meets_the_target_is_said() -> None:
    slow = [make_cell(SINGLE, 30, 5.6, rate=80.0), make_cell(BLOCKING, 25, 7.0, rate=80.0)]
    assert "At 80 requests/s, nothing surely meets the target." in said(advise(20, [*AT_TEN, *slow]))


def test_a_cheaper_one_that_may_miss_is_named() -> None:
    cells = [make_cell(SINGLE, 19.5, 5.6), make_cell(BLOCKING, 6.0, 7.2)]
    found = advise(19.5 * 1.033, cells)
    assert chosen(found) == "spin-off+t4"
    assert [each.candidate.label for each in found.cheaper] == ["single-thread"]
    assert "Cheaper, but not surely in time: single-thread costs 22 % less" in said(found)


def test_no_answer_is_an_answer_with_the_nearest() -> None:
    text = said(advise(3, AT_TEN))
    assert text.startswith(
        "No configuration meets a p95 of 3.00 ms at 10 requests/s; the nearest is spin-on+t4."
    )
    assert "Its p95 is 1.37 times the target" in text
    assert "Choose" not in text
    maybe = said(advise(4 * 1.033, [make_cell(SPINNING, 4.0, 138.0)]))
    assert maybe.startswith("No configuration surely meets")
    assert "It may meet the target" in maybe


def test_too_few_requests_are_not_taken_for_an_answer() -> None:
    text = said(advise(20, [make_cell(SINGLE, 7, 5.6, requests=19)]))
    assert "is not known: a p95 needs 20 requests in each repeat, and there were 19" in text
    overloaded = said(advise(20, [make_cell(SINGLE, 7, 5.6, unserved=90)]))
    assert "is not known: none could serve all requests" in overloaded


def test_other_models_limits_and_arrivals_have_no_say() -> None:
    others = [
        make_cell(BLOCKING, 1, 1, model="bert-large"),
        make_cell(BLOCKING, 1, 1, limit=Limit(cpus=0.1)),
    ]
    assert [each.label for each in advise(20, [*AT_TEN[:1], *others]).decision.ranked] == ["single-thread"]
    with pytest.raises(UsageError, match="nothing was measured of minilm, no limit, 2 requests/s"):
        advise(20, AT_TEN, Group("minilm", None, 2.0, Arrivals.FIXED))


def test_a_limit_is_planned_with() -> None:
    limit = Limit(cpus=0.5)
    found = advise(20, [make_cell(SINGLE, 7, 5.6, limit=limit)], Group("minilm", limit, 10.0, Arrivals.FIXED))
    assert found.sizing is not None
    assert found.sizing.limit == 500


def test_back_to_back_load_has_no_rate_to_plan_for() -> None:
    found = advise(20, HEAVY, Group("minilm", None, None, Arrivals.CLOSED))
    assert chosen(found) == "spin-on+t4"
    assert found.sizing is None


def test_a_pool_that_onnx_runtime_sizes_has_the_threads_it_took() -> None:
    found = advise(20, [make_cell(DEFAULT, 4.5, 140.0)])
    assert found.sizing is not None
    assert found.sizing.cores == 4


def evidence(version: str = "1.31.1") -> Grounds:
    return Grounds(cells=(), studies=("20260101T000000Z-study-x",), ort_version=version)


def test_the_document_is_json_and_holds_what_was_said() -> None:
    found = advise(20, [*AT_TEN, *HEAVY])
    made: dict[str, Any] = json.loads(
        json.dumps(document(found, evidence(), presets().settings), allow_nan=False)
    )
    assert made["schema"] == "ortprof.advice/1"
    assert made["chosen"] == "single-thread"
    assert made["headline"] == phrases.headline(found)
    assert [each["label"] for each in made["candidates"]] == [each.label for each in found.decision.ranked]
    assert made["runner_up"]["cpu_ratio"]["basis"] == "repeats"
    assert made["spinning_wins"]["chosen"] == "spin-on+t4"
    assert made["loads"][-1]["rate"] is None
    assert set(made["settings"]) == {
        "Python",
        "C++",
        "C#",
        "Environment variables",
        "Kubernetes, for each container",
    }
    nothing = document(advise(3, AT_TEN), evidence(), presets().settings)
    assert (nothing["chosen"], nothing["nearest"], nothing["settings"]) == (None, "spin-on+t4", {})


def test_what_is_pasted_is_code() -> None:
    texts = dict(pasteable(advise(20, AT_TEN), evidence(), presets().settings))
    compile(texts["Python"], "pasted", "exec")
    assert "options.intra_op_num_threads = 1" in texts["Python"]
    assert texts["Environment variables"].startswith(
        "ORT_INTRA_OP_NUM_THREADS=1\nORT_INTER_OP_NUM_THREADS=1\n"
    )
    assert "# load: 10/s x 5.6" in texts["Kubernetes, for each container"]
    older = dict(pasteable(advise(20, AT_TEN), evidence("1.20.1"), presets().settings))
    assert older["Environment variables"].startswith(
        "# none: ONNX Runtime reads counts of threads from 1.29 on"
    )
    entries = dict(pasteable(advise(6.5, AT_TEN), evidence(), presets().settings))
    assert "# the session entries have no variables" in entries["Environment variables"]


def test_a_study_of_one_load_needs_no_choice_and_one_of_several_does() -> None:
    closed = make_cell(SINGLE, 7, 5.6, rate=None)
    assert pick_group([*AT_TEN, closed]) == QUIET
    assert pick_group([closed]).arrivals is Arrivals.CLOSED
    assert pick_group([*AT_TEN, closed], arrivals=Arrivals.CLOSED) == closed.key.group
    limited = make_cell(SINGLE, 7, 5.6, limit=Limit(cpus=0.1))
    with pytest.raises(UsageError, match="several models, lengths, limits or loads") as caught:
        pick_group([*AT_TEN, limited])
    assert "minilm, 0.1 CPU, 10 requests/s" in str(caught.value.hint)
    assert pick_group([*AT_TEN, limited], cpus=0.1).limit == Limit(cpus=0.1)
    with pytest.raises(UsageError, match="nothing of what is asked for"):
        pick_group(AT_TEN, rate=3)


def test_one_request_by_a_pool_is_weighed_against_several_by_one_thread_each() -> None:
    found = advise(20, [make_cell(BLOCKING, 9, 8), make_cell(SINGLE, 7, 5.6, callers=4)])
    assert found.chosen is not None
    assert found.chosen.label == "single-thread with 4 callers"
    said = " ".join(phrases.sentences(found))
    assert "Side by side, called by 4 threads, the best is single-thread with 4 callers (5.6" in said
    assert "one after another, called by one, spin-off+t4 (8." in said
    assert found.sizing is not None
    assert found.sizing.cores == 4
