"""JUnit XML and Markdown: what a CI server reads, whatever the names are."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from profiler.study.check.bounds import Bound, Quantity
from profiler.study.check.judge import Check, JudgedSide, Outcome
from profiler.study.check.junit import as_junit
from profiler.study.check.markdown import as_markdown
from profiler.study.check.named import LeftOut
from profiler.study.check.result import Checked, Result, check, document
from profiler.study.check.subjects import Subjects
from tests.hostile import MARKDOWN
from tests.study.synthetic import make_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

BOUND = Bound(Quantity.P95, 20, relative=False)


def made(names: Sequence[str]) -> Result:
    """Return a result of each outcome and as many that were left out, with these texts wherever text goes."""
    run = make_measured(10, 5)
    return Result(
        tuple(
            Checked(
                JudgedSide(name, (run,), (run, run), notes=(name,)),
                tuple(Check(BOUND, outcome, name, 1.0, 2.0, 0.5, 3.0) for outcome in Outcome),
            )
            for name in names
        ),
        tuple(LeftOut(name, name) for name in names),
    )


def hold(document: bytes) -> ET.Element:
    """Parse JUnit XML and hold it to the rules of junit-10.xsd that matter here."""
    root = ET.fromstring(document)  # noqa: S314 (our own)
    assert root.tag == "testsuites"
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        assert int(element.attrib["tests"]) == len(cases)
        assert int(element.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(element.attrib["errors"]) == sum(case.find("error") is not None for case in cases)
    for suite in root:
        assert suite.tag == "testsuite"
        assert suite.attrib["name"] is not None
        for case in suite.iter("testcase"):
            assert case.attrib.keys() >= {"name", "classname"}
            assert len(case) == 1
            assert case[0].tag in {"failure", "error", "system-out"}
            assert case[0].tag == "system-out" or case[0].attrib.keys() == {"type", "message"}
    return root


@given(st.lists(st.text() | st.sampled_from(MARKDOWN), max_size=3))
def test_junit_is_well_formed_and_its_counts_agree(names: list[str]) -> None:
    root = hold(as_junit(made(names)))
    assert len(root) == len(names) + bool(names)
    assert (root.attrib["failures"], root.attrib["errors"]) == (str(len(names)), str(2 * len(names)))


def test_junit_tells_failures_from_what_could_not_be_decided() -> None:
    suite, left_out = hold(as_junit(made(["it"])))
    passed, warned, failed, undecided, out = suite
    assert [case[0].tag for case in (passed, warned, failed, undecided)] == [
        "system-out",
        "system-out",
        "failure",
        "error",
    ]
    assert passed.attrib["name"] == "p95 latency: at most 20.0 ms"
    assert failed[0].attrib["message"] == "it"
    assert warned[0].text == "warning: it"
    assert out.text == "it"
    assert [(error.tag, error.attrib["message"]) for [error] in left_out] == [("error", "it")]


@pytest.mark.parametrize("name", MARKDOWN)
def test_markdown_shows_hostile_names_as_they_are(name: str) -> None:
    name = name.replace("\x00", "").replace("\ud800", "")
    page = as_markdown(made([name]))
    html = MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(page)
    assert set(re.findall(r"<(\w+)", html)) <= {
        "h2",
        "h3",
        "p",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "ul",
        "li",
    }
    assert html.count("<tr>") == 1 + len(Outcome)
    assert all(row.count("<td") == 6 for row in html.split("<tr>")[2:])
    shown = unescape(html)
    assert " ".join(name.split()) in shown
    left = re.sub(r"&#\d+;|^#+ ", "", page, flags=re.MULTILINE)
    assert not set(left) & set("@#$~<>`*[]")
    assert not re.search(r":\S|www\.", left.replace("|---|---|--:|--:|---|---|", ""))


def test_markdown_says_what_a_job_page_needs() -> None:
    page = as_markdown(made(["single-thread on minilm"]))
    assert page.startswith("## ortprof check: failed\n\n### single-thread on minilm\n\n1 run, baseline 2\n")
    assert "| ❌ | p95 latency | 1.00 ms | 2.00 ms | at most 20.0 ms | single-thread on minilm |" in page
    assert page.endswith("\n- single-thread on minilm\n\n### Left out\n\n- single-thread on minilm\n")


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([Outcome.PASSED], Outcome.PASSED),
        ([Outcome.PASSED, Outcome.WARNED], Outcome.WARNED),
        ([Outcome.UNDECIDED, Outcome.WARNED], Outcome.UNDECIDED),
        ([Outcome.UNDECIDED, Outcome.FAILED], Outcome.FAILED),
    ],
)
def test_the_worst_outcome_is_the_whole_ones(outcomes: list[Outcome], worst: Outcome) -> None:
    result = Result((Checked(JudgedSide("it", ()), tuple(Check(BOUND, each, "why") for each in outcomes)),))
    assert result.outcome is worst
    assert worst.holds is (worst in {Outcome.PASSED, Outcome.WARNED})


def test_every_subject_is_held_against_every_bound_and_the_document_is_json() -> None:
    subjects = (JudgedSide("a", (make_measured(10, 5),)), JudgedSide("b", ()))
    left_out = (LeftOut("c", "it was interrupted", "record it again"),)
    result = check(Subjects(subjects, left_out), [BOUND, Bound(Quantity.CPU, 6, relative=False)])
    made = json.loads(json.dumps(document(result), allow_nan=False))
    assert made["schema"] == "ortprof.check/1"
    assert made["outcome"] == "undecided"
    assert made["left_out"] == [{"name": "c", "why": "it was interrupted"}]
    first, second = made["subjects"]
    assert [found["quantity"] for found in first["checks"]] == ["p95", "cpu"]
    assert first["checks"][0]["interval"][0] < first["checks"][0]["now"] < first["checks"][0]["interval"][1]
    assert [found["outcome"] for found in second["checks"]] == ["undecided", "undecided"]
    assert result.outcome is Outcome.UNDECIDED
