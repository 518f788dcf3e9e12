from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from profiler.spec.study_file import make_study
from profiler.study.study_document import plan_document, study_document
from profiler.study.study_record import State
from tests.study.made import Made, make_results

ROOT = Path(__file__).resolve().parents[2]
LINE = tuple(
    Made(cpus=cpus, latency_ms=latency, throttled=0.25)
    for cpus, latency in zip((0.1, 0.2, 0.5, None), (90, 50, 5, 5), strict=True)
)


def test_a_cell_has_its_figures_and_what_they_rest_on() -> None:
    made = [Made("fast", 2, 20), Made("cheap", 8, 5), Made("bad", 9, 25, failures=("no memory",))]
    document = json.loads(json.dumps(study_document(make_results(made)), allow_nan=False))
    assert document["schema"] == "ortprof.study-results/1"
    assert document["complete"]
    fast, cheap, bad = document["cells"]
    figure = cheap["cpu_ms_per_request"]
    assert figure["low"] < figure["value"] < figure["high"]
    assert figure["value"] == pytest.approx(5, rel=0.05)
    assert (fast["on_front"], cheap["on_front"], bad["on_front"]) == (True, True, False)
    assert (cheap["repeats"], cheap["requests"], cheap["limit"]) == (3, 300, None)
    assert bad["failures"] == ["no memory"]
    assert fast["spin_share"] == 0.25
    assert document["knees"] == []


def test_what_is_not_known_is_null() -> None:
    (cell,) = study_document(make_results([Made(repeats=0, summary=None)]))["cells"]
    assert cell["cpu_ms_per_request"] is None
    assert cell["latency_ms"] == {"mean": None, "p50": None, "p95": None}
    assert (cell["cpu_percent"], cell["spin_share"], cell["profiled"]) == (None, None, None)
    (few,) = study_document(make_results([Made(requests=8)]))["cells"]
    assert few["latency_ms"]["p95"]["value"] > 0  # of all 24 requests
    assert few["latency_ms"]["p95"]["low"] is None


def test_knees_are_limits() -> None:
    (knee,) = study_document(make_results(LINE))["knees"]
    assert (knee["configuration"], knee["model"], knee["rate"]) == ("spin-on", "minilm", 1.0)
    assert knee["at"]["cpus"] == 0.5
    assert knee["reference"] is None
    assert knee["sure"]
    cells = study_document(make_results(LINE))["cells"]
    assert [cell["throttled_share"] for cell in cells] == [0.25, 0.25, 0.25, None]


def test_a_plan_says_what_is_to_be_run() -> None:
    plan = json.loads(json.dumps(plan_document(make_results(LINE, state=State.PLANNED).record)))
    assert plan["schema"] == "ortprof.study-plan/1"
    assert len(plan["cells"]) == 4
    assert [run["state"] for run in plan["schedule"]] == ["planned"] * 12
    assert plan["estimated_seconds"] > 12 * 20


def test_the_articles_tables_are_markdown() -> None:
    tables = runpy.run_path(str(ROOT / "scripts" / "article_table.py"))["tables"]
    published = [
        {"source": "them", "config": name, "model": "minilm", "cpu_percent": cpu, "latency_ms": 1}
        for name, cpu in (("fast", 40), ("cheap", 4))
    ]
    made = [Made("fast", 2, 20), Made("cheap", 8, 5, unserved=2)]
    study = make_study("x", {"name": "x", "configs": ["fast"], "published": published})
    results = make_results(made, published=study.published)
    text = "\n".join(tables(results))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.count("|") in (6, 9) for line in rows)
    assert "| cheap | 0.500 (0.25) | 4 (0.1) |" in text
    assert "cheap: overloaded: 6 of 306 requests were never served." in text
    page = (ROOT / "docs" / "article.md").read_text("utf-8")
    assert page.index("<!-- tables: begin -->") < page.index("<!-- tables: end -->")
