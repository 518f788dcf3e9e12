from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from profiler.files import write_json
from profiler.pages.index.index_page import write_index
from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from tests.hostile import ATTRIBUTE, MARKUP
from tests.pages.parsed_page import Page
from tests.pages.support import Made, spinning

if TYPE_CHECKING:
    from pathlib import Path


def add_run(reports: Path, name: str, made: Made) -> RunDirectory:
    run = RunDirectory(reports / name)
    run.path.mkdir()
    run.manifest.write_text("{}")
    write(run, made.analysis())
    return run


def test_runs_are_listed_with_figures_and_a_link(tmp_path: Path) -> None:
    add_run(tmp_path, "20260101T000000Z-bert-spin-on", spinning(requests=30))
    page = Page(write_index(tmp_path).read_text("utf-8"))
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links == ["20260101T000000Z-bert-spin-on/report.html"]
    assert re.search(r"spin-on \S.* bert 1\.31\.1 none", page.text), "figures stand between"
    assert "83 %" in page.text.replace("\u00a0", " ")
    assert not any(tag in ("link", "img", "iframe") for tag, _ in page.elements)


def test_of_a_workload_that_is_not_ours_no_limit_is_known(tmp_path: Path) -> None:
    made = spinning()
    run = add_run(tmp_path, "a", made)
    write_json(run.summary, json.loads(run.summary.read_text()) | {"workload": None})
    assert re.search(r"1\.31\.1 \u2013 ", Page(write_index(tmp_path).read_text("utf-8")).text)


def test_a_name_that_is_no_utf8_has_a_link_to_its_bytes(tmp_path: Path) -> None:
    add_run(tmp_path, "a\udcff", spinning())
    page = Page(write_index(tmp_path).read_text("utf-8"))
    assert [a["href"] for tag, a in page.elements if tag == "a"] == ["a%FF/report.html"]


def test_a_folder_in_place_of_an_earlier_page_stays(tmp_path: Path) -> None:
    (tmp_path / "index-7.html").mkdir()
    assert write_index(tmp_path).is_file()
    assert (tmp_path / "index-7.html").is_dir()


def test_broken_and_foreign_directories_do_not_stop_it(tmp_path: Path) -> None:
    add_run(tmp_path, "good", spinning())
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"config": 3}'), ("d", "[" * 100_000), ("e", "\0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
        (tmp_path / name / "summary.json").write_text(content)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "run.json").write_text("{}")
    (tmp_path / "stray.txt").write_text("x")
    page = Page(write_index(tmp_path).read_text("utf-8"))
    codes = [a for tag, a in page.elements if tag == "code"]
    assert len(codes) == 6
    assert "f was not analysed: `ortprof report f` does that" in page.text
    assert "spin-on" in page.text


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert "No run here yet" in Page(write_index(tmp_path).read_text("utf-8")).text


def test_names_stay_text_and_links_stay_inside(tmp_path: Path) -> None:
    run = add_run(tmp_path, ATTRIBUTE, spinning())
    summary = json.loads(run.summary.read_text())
    summary["config"]["label"] = MARKUP
    write_json(run.summary, summary)
    page = Page(write_index(tmp_path).read_text("utf-8"))
    assert not any(tag == "img" for tag, _ in page.elements)
    link = next(a for tag, a in page.elements if tag == "a")
    assert set(link) == {"href"}
    assert link["href"] == "x%22%20onclick%3D%22alert%281%29%20%23%3F/report.html"


def test_a_run_without_profile_or_requests_has_dashes(tmp_path: Path) -> None:
    add_run(tmp_path, "r", Made(phases=("measure",)))
    assert "\N{EN DASH}" in Page(write_index(tmp_path).read_text("utf-8")).text


def test_studies_stand_above_the_runs_and_lead_to_their_pages(tmp_path: Path) -> None:
    add_run(tmp_path, "run", spinning())
    for name, has_page in (("20260101-study-a", True), ("20260102-study-b", False)):
        (tmp_path / name).mkdir()
        write_json(
            tmp_path / name / "study.json",
            {
                "study": {"name": "x", "title": "<b>A title" if has_page else ""},
                "created": "2026-01-01T00:00:00Z",
                "schedule": [{"state": "done"}, {"state": "failed"}, {"state": "planned"}],
            },
        )
        if has_page:
            (tmp_path / name / "study.html").write_text("")
    (tmp_path / "20260104-fleet-d").mkdir()
    (tmp_path / "20260104-fleet-d" / "fleet.html").write_text("")
    write_json(
        tmp_path / "20260104-fleet-d" / "fleet.json",
        {"study": {"name": "y"}, "created": "2026-01-04T00:00:00Z", "machines": [{}, {}]},
    )
    (tmp_path / "20260103-study-c").mkdir()
    (tmp_path / "20260103-study-c" / "study.json").write_text("[]")
    page = Page(write_index(tmp_path).read_text("utf-8"))
    links = [a["href"] for tag, a in page.elements if tag == "a"]
    assert links == ["20260104-fleet-d/fleet.html", "20260101-study-a/study.html", "run/report.html"]
    assert "y on 2 machine types" in page.text.replace("\u00a0", " ")
    assert "x no page yet" in page.text
    assert "<b>A title" in page.text
    assert page.text.count("1 of 3") == 2
    assert "20260103-study-c" in page.text
