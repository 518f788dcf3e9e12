from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler import files
from profiler.pages.study.study_facts import study_facts
from profiler.pages.study.study_page import render_page
from profiler.run.summary import to_document
from profiler.spec.study import Published
from profiler.spec.workload import Companion
from profiler.study.cell_figures import cell_figures, study_figures
from profiler.study.published import beside_text, published_rows
from profiler.study.results import read_results
from profiler.study.sentences import group_sentences, tradeoff_sentences
from profiler.study.study_record import ScheduledRun, State, StudyDirectory, write_record
from tests.hostile import MARKUP, NAMES, OWNED, QUOTES
from tests.pages.browsing import Watched, barriers
from tests.pages.parsed_page import Page
from tests.study.made import Made, make_results
from tests.summaries import made_summary

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from playwright.sync_api import Browser

    from profiler.run.directory import RunDirectory

LIMITS = (0.05, 0.1, 0.2, 0.5, None)
CHOICES = (Made("fast", 2, 20), Made("bad", 9, 25), Made("cheap", 8, 5))
SWEEP = tuple(
    Made(name, latency, 5, cpus=cpus, throttled=0.5)
    for name, least in (("spin-on", 5), ("single-thread", 6))
    for cpus, latency in zip(LIMITS, (90, 50, 7, least, least), strict=True)
)


def plain(html: str) -> Page:
    return Page(html.replace("\N{NO-BREAK SPACE}", " "))


def test_the_page_says_what_the_study_found() -> None:
    text = plain(render_page(make_results(CHOICES, title="Three ways", note="A note."))).text
    for said in (
        "Three ways",
        "A note.",
        "cheap takes the least CPU time, 5.0",
        "fast has the lowest p95, 2.0",
        "25 %",
        "ONNX Runtime 1.31.1",
        "a cell: 3 runs of 20.0 s after 2.00 s of warm-up",
    ):
        assert said in text, said
    assert "Unfinished" not in text


def test_each_cell_leads_to_its_report_from_table_and_chart() -> None:
    html = plain(render_page(make_results(CHOICES)))
    links = [attributes["href"] for tag, attributes in html.elements if tag == "a"]
    assert sorted(set(links), key=str) == [
        "runs/bad-1/report.html",
        "runs/cheap-2/report.html",
        "runs/fast-0/report.html",
    ]
    assert len(links) == 6
    assert not any(tag in ("link", "img", "iframe") for tag, _ in html.elements)


def test_a_ratio_comes_with_its_interval() -> None:
    (sentence,) = tradeoff_sentences(study_figures(make_results(CHOICES)))
    found = re.search(r"(\S+) times \((\S+) to (\S+)\) as fast, for (\S+) times \((\S+) to (\S+)\)", sentence)
    assert found is not None
    slower, low, high, dearer, least, most = map(float, found.groups())
    assert low < slower < high
    assert slower == pytest.approx(4, rel=0.1)
    assert least < dearer < most
    assert dearer == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ([Made("a")], []),
        (
            [Made("a", unserved=1), Made("b", unserved=1)],
            ["Every configuration was overloaded: requests came faster than they were served."],
        ),
    ],
)
def test_without_a_choice_nothing_is_recommended(made: list[Made], sentence: list[str]) -> None:
    assert tradeoff_sentences(study_figures(make_results(made))) == sentence


def test_what_is_missing_is_said() -> None:
    made = [Made("a", unserved=7, requests=93), Made("b", repeats=0, summary=None, failures=("no memory",))]
    text = plain(render_page(make_results(made))).text
    assert "overloaded: 21 of 300 requests were never served" in text
    assert "no memory" in text
    unrun = plain(render_page(make_results([Made("a", repeats=0, summary=None)]))).text
    assert "not run yet" in unrun
    unfinished = plain(render_page(make_results([Made("a")], state=State.PLANNED))).text
    assert "Unfinished: 3 of 3 runs are left." in unfinished


@pytest.mark.parametrize(
    "changes", [None, {"cpu": 3}, {"host": []}, {"cpu": {"total_ms": "x"}}, {"host": {"cpu": 1}}]
)
def test_a_strangers_summary_is_no_obstacle(changes: dict[str, Any] | None, run: RunDirectory) -> None:
    study = StudyDirectory(run.path / "study")
    shutil.copytree(run.path, study.runs_folder / "r", ignore=shutil.ignore_patterns("study"))
    profiled = [ScheduledRun(cell=0, round=0, state=State.DONE, run_id="r", profiled=True)]
    write_record(study, msgspec.structs.replace(make_results([Made()]).record, schedule=profiled))
    summary = study.run(profiled[0]).summary
    files.write_json(summary, to_document(made_summary()))
    assert "Machine A processor" in plain(render_page(read_results(study.path))).text

    files.write_json(summary, {} if changes is None else to_document(made_summary()) | changes)
    results = read_results(study.path)
    assert len(results.cells[0].measured) == 1
    assert cell_figures(results.cells[0]).spin_share is None
    assert "Machine" not in plain(render_page(results)).text


def test_a_study_of_limits_has_curves_and_knees() -> None:
    html = plain(render_page(make_results(SWEEP)))
    assert (
        "spin-on: the knee is at 0.5 CPU: from there on, p95 is within 20 % of that without a limit"
        in html.text
    )
    assert "single-thread: the knee is at 0.2 CPU" in html.text
    knees = [a for tag, a in html.elements if tag == "line" and str(a.get("class")).startswith("knee")]
    assert len(knees) == 4  # two configurations in two charts


def test_a_study_of_few_limits_has_none() -> None:
    assert "knee" not in plain(render_page(make_results(SWEEP[:3]))).text


def test_published_figures_stand_beside_ours_as_ratios() -> None:
    published = tuple(
        Published(source="them", config=name, model="minilm", cpu_percent=cpu, latency_ms=latency)
        for name, cpu, latency in (("fast", 40, 2), ("cheap", 4, 6), ("absent", 1, 1))
    )
    results = make_results(CHOICES, published=published)
    ((source, model, limit), rows) = next(iter(published_rows(results.study, study_figures(results)).items()))
    assert (source, model, limit) == ("them", "minilm", "no limit")
    assert beside_text(rows[0].cpu_percent) == ("2.00 (1)", "40 (1)")
    assert beside_text(rows[1].cpu_percent) == ("0.500 (0.25)", "4 (0.1)")
    ours, theirs = beside_text(rows[1].latency_ms)
    assert theirs == "6 (3)"
    assert ours.endswith(" (4)")
    assert beside_text(rows[2].latency_ms) == ("\N{EN DASH}", "1 (0.5)")
    assert "them" in plain(render_page(results)).text


def test_a_strangers_names_stay_text() -> None:
    made = [Made(configuration=name, latency_ms=2 + i, cpu_ms=9 - i) for i, name in enumerate(NAMES)]
    results = make_results(
        [*made, Made("failed", failures=(MARKUP,))], title=MARKUP, note=QUOTES, configs=("x",)
    )
    html = plain(render_page(results))
    assert not any(tag in ("img", "b") and attributes for tag, attributes in html.elements)
    assert not any(name.startswith("on") for _, attributes in html.elements for name in attributes)


PAGES = {
    "choices": CHOICES,
    "limits": SWEEP,
    "hostile": tuple(Made(name, 2 + i, 9 - i, unserved=i % 2) for i, name in enumerate(NAMES)),
    "nothing": (Made(repeats=0, summary=None), Made("b", requests=1, repeats=1)),
}


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_the_page_has_no_barrier_and_complains_of_nothing(
    browser: Browser, tmp_path: Path, name: str, scheme: Any
) -> None:
    results = make_results(PAGES[name], title=MARKUP if name == "hostile" else "", note="A note.")
    path = tmp_path / "study.html"
    path.write_text(render_page(results), "utf-8")
    watched = Watched(browser.new_page(color_scheme=scheme), path)
    shown = watched.open()
    assert shown.title() != OWNED
    assert barriers(shown) == ""
    assert watched.complaints == []
    assert set(watched.requests) <= {"about:blank", path.as_uri()}
    shown.set_viewport_size({"width": 390, "height": 800})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    shown.close()


@pytest.mark.browser
def test_a_point_leads_to_its_report_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "study.html"
    path.write_text(render_page(make_results(CHOICES)), "utf-8")
    (tmp_path / "runs" / "fast-0").mkdir(parents=True)
    (tmp_path / "runs" / "fast-0" / "report.html").write_text("<title>fast's report</title>")
    shown = Watched(browser.new_page(), path).open()
    point = shown.get_by_role("link", name=re.compile("fast: .* of CPU time a request, p95"))
    point.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_url("**/report.html")
    assert shown.title() == "fast's report"
    shown.close()


def test_what_a_neighbour_got_done_is_said_of_each_configuration() -> None:
    rows = study_figures(make_results([Made("spin-on"), Made("spin-off"), Made("alone")]))
    beside = [replace(row, neighbour_share=share) for row, share in zip(rows, (0.6, 0.95, None), strict=True)]
    assert group_sentences(beside)[-1] == (
        "Of what it gets done beside the idle service, a neighbour on the same CPUs got 60 % beside spin-on "
        "and 95 % beside spin-off."
    )
    assert group_sentences(rows) == tradeoff_sentences(rows)


def test_the_page_says_what_else_ran() -> None:
    alone = make_results([Made()])
    companion = Companion(model="tiny", model_path="t.onnx", weights="synthetic", rate=5)
    (cell,) = alone.record.cells
    shared = msgspec.structs.replace(cell.workload, beside=(companion,), tokens=8, most_tokens=128)
    record = msgspec.structs.replace(
        alone.record,
        cells=[msgspec.structs.replace(cell, workload=shared)],
        study=msgspec.structs.replace(alone.record.study, neighbour=True),
    )
    facts = dict(study_facts(replace(alone, record=record)))
    assert "8..128 tokens" in facts["Model minilm"]
    assert facts["In the same process"].startswith("tiny, 5 requests/s")
    assert facts["Neighbour"] == "a CPU-bound program"
    assert "In the same process" not in dict(study_facts(alone))
