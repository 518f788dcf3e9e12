"""Source lines, instructions and inlined functions in a real browser: a compiled program's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from tests.hostile import MARKUP, OWNED
from tests.listing.annotated import annotated
from tests.pages.browsing import Watched, barriers, new
from tests.pages.support import spinning
from tests.waiting import FUNCTION, SOURCE, compile_waiting, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def report(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    compile_waiting(tmp_path)
    source = tmp_path / SOURCE.name
    source.write_text(source.read_text().replace("// polls", f"// polls {MARKUP} {'x' * 300}"))
    run = RunDirectory(tmp_path / "run")
    run.path.mkdir()
    watched = Watched(
        browser.new_page(viewport={"width": 1200, "height": 900}), write(run, annotated(tmp_path))
    )
    yield watched
    assert watched.complaints == []
    watched.page.close()


def test_the_keyboard_opens_a_function_and_scrolls_its_source(report: Watched) -> None:
    page = report.open()
    first = page.locator("table.hot tbody").first
    assert f"{SOURCE.name}:{line_of('polls')}" in first.inner_text()
    region = first.get_by_role("region", name=f"Source lines of {FUNCTION}")
    assert not region.is_visible()
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert region.is_visible()
    page.keyboard.press("Tab")
    assert region.evaluate("(node) => node === document.activeElement")
    before = region.evaluate("(node) => node.scrollLeft")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => document.activeElement.scrollLeft > before", arg=before)


def test_its_source_is_text_whatever_it_says(report: Watched) -> None:
    page = report.open()
    page.locator("table.hot summary").first.click()
    assert "<img src=x onerror=" in page.locator("table.hot tbody").first.inner_text()
    assert page.locator("img").count() == 0
    assert page.title() != OWNED
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(report: Watched, scheme: Literal["light", "dark"]) -> None:
    report.page.emulate_media(color_scheme=scheme)
    assert barriers(report.open()) == ""


def test_the_flame_graph_shows_inlined_functions_and_hides_them(report: Watched) -> None:
    page = report.open()
    whole = report.text("#flame-status")
    shown = report.pixels("#flame-canvas")
    page.locator("#flame-search").fill("(inlined)")
    assert not report.text("#flame-matched").startswith("0 %")
    page.locator("#flame-search").fill("")
    page.get_by_label("Inlined functions").uncheck()
    assert report.text("#flame-status") == whole
    hidden = report.pixels("#flame-canvas")
    assert hidden != shown
    page.locator("#flame-search").fill("(inlined)")
    assert report.text("#flame-matched").startswith("0 %")
    page.locator("#flame-search").fill("")
    assert "inlined=0" in report.fragment()
    report.open(report.fragment())
    assert report.pixels("#flame-canvas") == hidden
    page.get_by_label("Inlined functions").check()
    assert report.pixels("#flame-canvas") == shown


def test_calls_that_inlining_kept_apart_are_one_without_it(report: Watched) -> None:
    """The function's frames, with inlined functions and without, are one box of all its time."""
    page = report.open("#inlined=0")
    page.locator("#flame-tree").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    focused = page.locator("#flame-spoken [aria-selected=true]").inner_text()
    assert FUNCTION in focused
    assert "100\u00a0% of what is shown" in focused


def test_without_inlined_functions_there_is_no_switch(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, tmp_path, spinning())
    page = watched.open()
    assert not page.get_by_label("Inlined functions").is_visible()
    page.close()
