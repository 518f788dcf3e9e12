"""The sections on requests' time and on time off the CPU, from a real run's summary."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from profiler.findings.losses import lost_time
from profiler.findings.spin_window_words import spin_window_brief, spin_window_sentences
from profiler.findings.verdict import verdict
from profiler.findings.vocabulary import PART_NAMES
from profiler.pages.run.report_page import render
from profiler.pages.run.request_time import columns_of, request_time
from profiler.pages.run.waiting import off_cpu
from profiler.run.kinds import Meanwhile, Part, Role, Wait
from profiler.run.sections.unavailable import Unavailable
from profiler.run.sections.wait_section import SpinWindowFigures, WaitingChain
from profiler.run.summary import from_document, to_document
from profiler.spec.limit import Limit
from tests.hostile import MARKUP
from tests.summaries import edited, made_summary, present

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.summary import Summary


@pytest.fixture
def summary(analysis: Analysis) -> Summary:
    return analysis.summary


def test_a_bar_is_as_long_as_its_request_took(summary: Summary) -> None:
    content = request_time(summary)
    assert content is not None
    request = present(summary.request)
    assert request.p50 is not None
    columns = [request.by_kind, request.p50.by_kind, (request.p95 or request.slowest).by_kind]
    longest = max(sum(column.values()) for column in columns)
    assert len(content.bars) == len(columns)
    for bar, column in zip(content.bars, columns, strict=True):
        widths = [segment.width for segment in bar.segments]
        assert sum(widths) == pytest.approx(100 * sum(column.values()) / longest)
        edges = [segment.x + segment.width for segment in bar.segments]
        assert [segment.x for segment in bar.segments[1:]] == pytest.approx(edges[:-1])


def test_every_part_that_took_time_has_a_row_and_they_make_up_the_wall_time(summary: Summary) -> None:
    content = request_time(summary)
    assert content is not None
    columns = columns_of(present(summary.request)).values()
    took = [PART_NAMES[part] for part in Part if any(column.by_kind[part] for column in columns)]
    assert [row.name for row in content.parts] == took
    assert 0 < len(took) < len(Part)
    request = present(summary.request)
    assert sum(request.by_kind.values()) == pytest.approx(request.wall_ms.mean, rel=0.02)


def test_unexplained_requests_are_counted(summary: Summary) -> None:
    content = request_time(edited(summary, request__unexplained=3))
    assert content is not None
    assert any(note.startswith("3 requests of ") for note in content.notes)


@pytest.mark.parametrize("key", ["request", "waits"])
def test_what_is_unavailable_says_why(analysis: Analysis, key: str) -> None:
    summary = edited(analysis.summary, **{key: Unavailable("nobody looked")})
    assert (request_time if key == "request" else off_cpu)(summary) is None
    page = render(dataclasses.replace(analysis, summary=summary))
    assert "Not known: nobody looked" in page


def test_an_old_summary_without_the_keys_still_renders(analysis: Analysis) -> None:
    document = to_document(analysis.summary)
    for key in ("request", "waits", "spin_window_ms"):
        del document[key]
    summary = from_document(document)
    page = render(dataclasses.replace(analysis, summary=summary))
    assert "Where a request" in page
    assert spin_window_sentences(summary) == []


def test_the_spin_window_is_stated_once(analysis: Analysis) -> None:
    assert present(analysis.summary.spin_window_ms).p50 > 10
    text = re.sub(r"<[^>]+>", "", render(analysis))
    assert text.count("the spin window of this ONNX Runtime on this processor") == 1


def test_the_verdict_says_how_long_the_pool_spins(analysis: Analysis) -> None:
    window = present(analysis.summary.spin_window_ms)
    said = f"The pool spins {window.p50:.1f} ms after each request (median; longest {window.max:.1f} ms)."
    assert said in verdict(analysis.summary).details


def test_a_spin_window_that_ends_with_the_next_request_is_a_lower_bound() -> None:
    window = SpinWindowFigures(p50=600.0, max=900.0, requests=10, cut_off=8)
    summary = made_summary(spin_window_ms=window, limit=Limit(cpus=0.1))
    (said,) = spin_window_brief(summary)
    assert said == (
        "The pool spins at least 600 ms after each request, until the next begins "
        "(median; longest 900 ms, standing still for want of quota included)."
    )
    assert spin_window_brief(edited(summary, spin_window_ms__p50=0.3)) == []


def test_hostile_functions_in_chains_stay_text(analysis: Analysis) -> None:
    chain = WaitingChain(
        Wait.FUTEX, Role.POOL, in_request=True, ms=1.0, count=1, functions=[MARKUP, "x" * 10_000]
    )
    summary = edited(analysis.summary, waits__chains=[chain])
    page = render(dataclasses.replace(analysis, summary=summary))
    assert MARKUP not in page
    assert "&lt;/script&gt;&lt;img" in page
    assert "x" * 1000 not in page


def test_waits_that_began_on_the_other_side_are_not_0_times(summary: Summary) -> None:
    chain = WaitingChain(Wait.FUTEX, Role.POOL, in_request=True, ms=113.0, count=0, functions=["f"])
    content = off_cpu(edited(summary, waits__chains=[chain]))
    assert content is not None
    assert [(row.ms, row.count) for row in content.chains] == [("113", "\N{EN DASH}")]


def test_a_large_loss_is_worth_a_sentence_and_a_small_one_is_not(summary: Summary) -> None:
    nothing, idle = dict.fromkeys(Part, 0.0), dict.fromkeys(Meanwhile, 0.0)
    summary = edited(summary, request__unexplained=0, request__wall_ms__mean=10.0, request__meanwhile=idle)
    assert lost_time(edited(summary, request__by_kind=nothing | {Part.RUNNABLE: 1.9})) == []
    lost = nothing | {Part.RUNNABLE: 2.6}
    assert lost_time(edited(summary, request__by_kind=lost)) == [
        "On average, each profiled request lost 2.60 ms of its 10.0 ms ready to run without a CPU."
    ]
    summary = edited(
        summary,
        request__by_kind=lost | {Part.THROTTLED: 2.0},
        request__meanwhile=idle | {Meanwhile.THROTTLED: 2.0},
    )
    (said,) = lost_time(summary)
    assert "lost 4.00 ms of its 10.0 ms waiting for the CPU limit's next period" in said
    assert lost_time(edited(summary, request__unexplained=present(summary.request).requests)) == []
