"""A folder of many runs is listed by pages, of which only those that changed are written again."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from profiler.pages.index import index_page, index_pages
from profiler.pages.index.index_page import write_index
from profiler.pages.index.index_pages import divided
from profiler.run.runs import Entry, EntryKind, list_entries
from tests.pages.index.test_index_page import add_run
from tests.pages.parsed_page import Page
from tests.pages.support import spinning

if TYPE_CHECKING:
    from pathlib import Path

FULL = 3


def names(count: int) -> list[str]:
    return [f"202601{day:02}T000000Z-bert-spin-on" for day in range(1, count + 1)]


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of seven runs: a full page, and four on the last."""
    monkeypatch.setattr(index_pages, "PAGE_ENTRIES", FULL)
    reports = tmp_path / "reports"
    reports.mkdir()
    first, *others = names(7)
    made = add_run(reports, first, spinning())
    for name in others:
        shutil.copytree(made.path, reports / name)
    settle(reports)
    return reports


def settle(reports: Path) -> None:
    """Let all that is there be older than what is written next, however coarse the clock is."""
    for path in (*reports.iterdir(),):
        before = path.stat().st_mtime_ns - 10**9
        os.utime(path, ns=(before, before))


def links(path: Path) -> list[str]:
    """Return where a page leads to."""
    return [a["href"] or "" for tag, a in Page(path.read_text("utf-8")).elements if tag == "a"]


def listed(path: Path) -> list[str]:
    """Return the runs that a page leads to, in its order."""
    return [link.partition("/")[0] for link in links(path) if link.endswith("/report.html")]


def led_to(path: Path) -> set[str]:
    """Return the other pages that a page leads to."""
    return {link for link in links(path) if "/" not in link}


def written(reports: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the pages that are written when the list is."""
    seen: list[str] = []
    whole = index_page.render_page

    def render(folder: Path, page: index_pages.IndexPage, pages: list[index_pages.IndexPage]) -> str:
        seen.append(page.name)
        return whole(folder, page, pages)

    with monkeypatch.context() as watched:
        watched.setattr(index_page, "render_page", render)
        write_index(reports)
    return seen


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (5, [5]), (6, [3, 3]), (8, [3, 5]), (9, [3, 3, 3])]
)
def test_pages_are_full_and_the_last_is_never_nearly_empty(
    count: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_pages, "PAGE_ENTRIES", FULL)
    entries = [Entry(name, EntryKind.RUN, 0) for name in names(count)]
    pages = divided(entries)
    assert [len(page.entries) for page in pages] == sizes
    assert [entry for page in pages for entry in page.entries] == entries
    assert pages[-1].name == "index.html"
    assert len({page.name for page in pages}) == len(pages)


def test_each_run_is_on_one_page_and_pages_lead_to_each_other(reports: Path) -> None:
    latest = write_index(reports)
    older = reports / "index-1.html"
    assert listed(latest) == names(7)[:2:-1]
    assert listed(older) == names(7)[2::-1]
    assert led_to(latest) == {"index.html", "index-1.html"}
    assert led_to(older) == {"index.html"}
    assert "2026-01-01 00:00 \N{EN DASH} 2026-01-03 00:00" in Page(older.read_text("utf-8")).text


def test_a_folder_of_one_page_has_no_others(reports: Path) -> None:
    for name in names(7)[5:]:
        shutil.rmtree(reports / name)
    assert led_to(write_index(reports)) == set()
    assert not list(reports.glob("index-*"))


def test_only_what_changed_is_written_again(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(reports, monkeypatch) == ["index-1.html", "index.html"]
    assert written(reports, monkeypatch) == []
    shutil.copytree(reports / names(7)[0], reports / names(8)[7])
    assert written(reports, monkeypatch) == ["index.html"]
    shutil.copytree(reports / names(7)[0], reports / names(9)[8])
    assert written(reports, monkeypatch) == ["index-1.html", "index-2.html", "index.html"], "another is full"
    (reports / names(7)[1] / "report.html").unlink()
    os.utime(reports / names(7)[1], ns=(2 * 10**18, 2 * 10**18))
    assert written(reports, monkeypatch) == ["index-1.html"]
    assert "no report" in Page((reports / "index-1.html").read_text("utf-8")).text


def test_pages_that_nothing_is_left_for_go(reports: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (reports / "index-mine.html").write_text("")
    write_index(reports)
    for name in names(7)[:3]:
        shutil.rmtree(reports / name)
    assert written(reports, monkeypatch) == ["index.html"]
    assert sorted(path.name for path in reports.glob("*.html")) == ["index-mine.html", "index.html"]


@pytest.mark.parametrize("stands", ["file", "fifo"])
def test_what_stands_in_a_page_s_place_is_none(
    stands: str, reports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = reports / "index.html"
    if stands == "file":
        path.write_bytes(b"<html>" * 10_000)
    else:
        os.mkfifo(path)
    assert "index.html" in written(reports, monkeypatch)
    assert listed(path) == names(7)[:2:-1]


def test_entries_are_runs_and_studies_by_name(reports: Path) -> None:
    study = reports / "20260102T120000Z-study-x"
    study.mkdir()
    (study / "study.json").write_text("{}")
    (reports / ".partial-x").mkdir()
    (reports / ".partial-x" / "run.json").write_text("{}")
    (reports / "stray").mkdir()
    entries = list_entries(reports)
    assert [entry.name for entry in entries] == sorted([*names(7), study.name])
    assert [entry.name for entry in entries if entry.kind is EntryKind.STUDY] == [study.name]
    assert list_entries(reports / "nowhere") == []
