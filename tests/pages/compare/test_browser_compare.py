"""The comparison in a real browser: switching sides by keyboard, and no barriers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from profiler.findings.formats import printable
from profiler.pages.compare.comparison_page import write_page
from profiler.study.compare.comparison import Comparison, compare_pair
from tests.hostile import MIXED
from tests.pages.browsing import Watched, barriers
from tests.study.compare.support import NO_PROFILE, hostile, made_pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


class WatchedComparison(Watched):
    """The page, opened when its graph is drawn."""

    def open(self, fragment: str = "") -> Any:
        self.page.goto(self.address + fragment)
        if self.page.locator("#data").count():
            self.page.wait_for_function("document.getElementById('difference-status').textContent !== ''")
        return self.page

    def status(self) -> str:
        return re.sub(r"\s+", " ", self.page.locator("#difference-status").inner_text())


def new(browser: Browser, comparison: Comparison, tmp_path: Path, **options: Any) -> WatchedComparison:
    path = tmp_path / "comparison.html"
    write_page(comparison, path)
    options.setdefault("viewport", {"width": 1200, "height": 900})
    return WatchedComparison(browser.new_page(**options), path)


@pytest.fixture
def shown(browser: Browser, comparison: Comparison, tmp_path: Path) -> Iterator[WatchedComparison]:
    watched = new(browser, comparison, tmp_path)
    watched.open()
    yield watched
    assert watched.complaints == []
    assert set(watched.requests) <= {"about:blank", watched.address}
    watched.page.close()


def test_the_whole_graph_is_the_cpu_time_of_both(shown: WatchedComparison, comparison: Comparison) -> None:
    before, after = (sum(line.ms[side] for line in comparison.cpu) for side in (0, 1))
    numbers = [float(number) for number in re.findall(r"t2 ([\d.]+) ms", shown.status())]
    assert numbers == pytest.approx([before, after], rel=0.02)


def test_the_side_is_switched_by_keyboard(shown: WatchedComparison) -> None:
    page = shown.page
    difference = shown.pixels("#difference-canvas")
    page.locator("input[name=difference-mode][value=difference]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=difference-mode][value=after]").is_checked()
    after = shown.pixels("#difference-canvas")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator("input[name=difference-mode][value=before]").is_checked()
    before = shown.pixels("#difference-canvas")
    assert len({before, difference, after}) == 3
    assert page.locator("#difference-legend").is_hidden(), "the kinds' legend instead"
    assert page.locator(".difference-kinds[data-graph=on]").is_visible()
    page.keyboard.press("ArrowRight")
    assert shown.pixels("#difference-canvas") == difference


def test_off_the_cpu_it_begins_with_requests(shown: WatchedComparison) -> None:
    page = shown.page
    on = shown.status()
    page.locator("input[name=difference-graph][value=on]").focus()
    page.keyboard.press("ArrowRight")
    inside = shown.status()
    assert inside != on
    assert page.locator("#difference-window").input_value() == "request"
    page.locator("#difference-window").select_option("")
    assert shown.status() not in {on, inside}


def test_frames_are_reached_zoomed_and_left_by_keyboard(shown: WatchedComparison) -> None:
    page = shown.page
    whole = shown.status()
    tree = page.locator("#difference-tree")
    tree.focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator("#difference-spoken [aria-selected=true]").inner_text()
    page.keyboard.press("Enter")
    assert shown.status().startswith("Zoomed to ")
    assert re.sub(r"\s+", " ", focused.partition(",")[0]) in shown.status()
    assert page.locator("#difference-reset").is_enabled()
    page.keyboard.press("Escape")
    assert shown.status() == whole


def test_a_search_says_what_changed(shown: WatchedComparison) -> None:
    page = shown.page
    page.keyboard.press("/")
    page.keyboard.type("worker loop")
    matched = page.locator("#difference-matched").inner_text()
    assert "\u2212" in matched
    assert "a request" in matched


def test_hostile_names_do_nothing(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, compare_pair(made_pair(hostile(), hostile(), labels=(MIXED, MIXED))), tmp_path)
    page = watched.open()
    page.locator("#difference-tree").press("ArrowDown")
    assert page.locator("img").count() == 0
    assert printable(MIXED) in page.title()
    assert watched.complaints == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["full", "empty"])
def test_axe_finds_no_barrier(
    browser: Browser, comparison: Comparison, tmp_path: Path, scheme: Any, which: str
) -> None:
    found = comparison if which == "full" else compare_pair(made_pair(NO_PROFILE, NO_PROFILE))
    watched = new(browser, found, tmp_path, color_scheme=scheme)
    assert barriers(watched.open()) == ""
    watched.page.close()


def test_nor_on_a_narrow_screen_where_tables_scroll(
    browser: Browser, comparison: Comparison, tmp_path: Path
) -> None:
    watched = new(browser, comparison, tmp_path, viewport={"width": 390, "height": 800})
    page = watched.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert barriers(page) == ""
    page.close()
