"""The section on operators, and the flame graph by operator, of a real run."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from profiler.attribution.analyse import analyse
from profiler.cli.show_sections import operator_lines, operators_table
from profiler.findings.operator_table import operator_notes, operator_table
from profiler.pages.base.packed import unpack
from profiler.pages.flame.graphs import operators_graph
from profiler.pages.run.report_page import render
from profiler.run.kinds import EVIDENCES, KINDS, Outside
from profiler.run.summary import why_not
from tests.hostile import MARKUP
from tests.summaries import edited, present

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory
    from profiler.run.summary import Summary


@pytest.fixture
def operators(operators_run: RunDirectory) -> Analysis:
    return analyse(operators_run)


@pytest.fixture
def summary(operators: Analysis) -> Summary:
    return operators.summary


def test_rows_are_milliseconds_a_request_and_shares_of_operators(summary: Summary) -> None:
    table = operator_table(summary)
    assert table is not None
    assert sum(row.share for row in table.rows) == pytest.approx(1)
    found = present(summary.operators)
    requests = found.phase.requests
    cpu_ms = sum(row.cpu_ms for row in (*table.rows, *table.outside))
    assert cpu_ms * requests == pytest.approx(found.total_ms)
    heaviest = table.rows[0]
    assert (heaviest.name, heaviest.note, heaviest.calls) == ("MatMul", "42 nodes", 42)
    assert sum(heaviest.parts[:3]) <= heaviest.cpu_ms * 1.001
    assert 0 < len(heaviest.nodes) <= 5
    assert sum(node.cpu_ms for node in heaviest.nodes) <= heaviest.cpu_ms


def test_notes_say_what_the_figures_rest_on(summary: Summary) -> None:
    notes = " ".join(operator_notes(present(summary.operators)))
    assert "20 requests" in notes
    assert "times the CPU time" in notes
    assert "stands under executor and profiler" in notes
    assert "by ONNX Runtime's own account" in notes
    assert "side by side" not in notes
    assert "lacks the last" not in notes
    found = present(summary.operators)
    found = edited(found, covered=18, concurrent=True, join_check=None, coverage=None)
    found = edited(found, outside=found.outside | {Outside.EXECUTOR: {}})
    notes = " ".join(operator_notes(found))
    assert "lacks the last 2 requests" in notes
    assert "side by side" in notes
    assert "small ones look larger" in notes
    assert "own account" not in notes


def test_the_graph_by_operator_holds_what_the_table_does(operators: Analysis) -> None:
    assert operators.operators is not None
    graph, lanes = operators_graph(operators.operators, ["known"])
    assert graph.strings[0] == "known"
    found: Counter[str] = Counter()
    for tag, us in zip(unpack(graph.columns["spent.tag"]), unpack(graph.columns["spent.us"]), strict=True):
        found[lanes[tag // (2 * len(EVIDENCES) * len(KINDS))]] += us
    table = operator_table(operators.summary)
    assert table is not None
    requests = present(operators.summary.operators).phase.requests
    for row in (*table.rows, *table.outside):
        assert found[row.name] / 1e3 == pytest.approx(row.cpu_ms * requests, abs=0.2, rel=0.01)


def test_a_page_shows_operators_only_where_they_were_asked_for(
    operators: Analysis, analysis: Analysis
) -> None:
    assert "MatMul" in render(operators)
    assert 'id="operators"' not in render(analysis)
    assert operator_table(analysis.summary) is None
    assert "--operators records them" in why_not(analysis.summary.operators)


def test_a_recording_that_does_not_fit_says_why(operators_run: RunDirectory) -> None:
    text = operators_run.manifest.read_text()
    operators_run.manifest.write_text(text.replace('"realtime_ns": 1', '"realtime_ns": 2'))
    found = analyse(operators_run)
    assert found.operators is None
    assert "outside of their requests" in why_not(found.summary.operators)
    assert "Not known: ONNX Runtime&#39;s profile does not fit the requests" in render(found)
    assert operators_table(found.summary) is None
    assert operator_lines(found.summary) == []


def test_hostile_names_are_text(operators: Analysis) -> None:
    found = present(operators.summary.operators)
    summary = edited(
        operators.summary,
        operators__by_type=[edited(row, type=MARKUP) for row in found.by_type],
        operators__by_node=[edited(row, type=MARKUP, name=MARKUP) for row in found.by_node],
    )
    page = render(dataclasses.replace(operators, summary=summary))
    assert MARKUP not in page
    assert "&lt;/script&gt;&lt;img" in page


def test_without_requests_there_is_no_table(summary: Summary) -> None:
    assert operator_table(edited(summary, operators__phase__requests=0)) is None
