"""What the page shows of waits, in a real browser: a real run's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from tests.pages.browsing import Watched, new
from tests.pages.limited_run import limited
from tests.pages.support import spinning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from profiler.attribution.analysis import Analysis

pytestmark = pytest.mark.browser

COUNT_ARROW_HEADS = """() => {
  window.heads = 0;
  const { prototype } = CanvasRenderingContext2D;
  const { closePath } = prototype;
  prototype.closePath = function () { heads++; return closePath.call(this); };
}"""
"""Nothing else on the page closes a path."""


@pytest.fixture
def report(browser: Browser, run: RunDirectory, analysis: Analysis) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    watched = Watched(page, write(run, analysis))
    yield watched
    assert watched.complaints == []
    page.close()


def test_the_flame_graph_turns_to_time_off_the_cpu(report: Watched) -> None:
    page = report.open()
    assert report.text("#flame-status").endswith("CPU shown.")
    before = report.pixels("#flame-canvas")
    page.get_by_label("off the CPU", exact=True).check()
    assert report.text("#flame-status").endswith("off the CPU shown.")
    assert page.locator("#flame-window").input_value() == "request"
    shown = report.pixels("#flame-canvas")
    assert shown != before
    assert [box.input_value() for box in page.locator(".flame-kinds:visible input").all()] == [
        *("futex", "runnable", "throttled", "sleep", "io")
    ]
    report.open(report.fragment())
    assert report.pixels("#flame-canvas") == shown
    page.get_by_label("on the CPU", exact=True).check()
    assert report.pixels("#flame-canvas") == before


def test_its_filters_search_and_keys_are_the_same(report: Watched) -> None:
    page = report.open("#cpu=off")
    whole = report.text("#flame-status")
    page.locator(".flame-kinds:visible").get_by_label("sleep").uncheck()
    awake = report.text("#flame-status")
    page.locator("#flame-thread").select_option("pool thread 1")
    assert len({whole, awake, report.text("#flame-status")}) == 3
    page.locator("#flame-tree").focus()
    page.keyboard.press("/")
    page.keyboard.type("futex")
    assert "matched" in report.text("#flame-matched")
    page.locator("#flame-tree").focus()
    page.keyboard.press("ArrowDown")
    assert "off the CPU" in page.locator("#flame-spoken [aria-selected=true]").inner_text()


def test_a_hot_function_leads_back_to_the_cpu(report: Watched) -> None:
    page = report.open("#cpu=off")
    first = page.locator("table.hot tbody").first
    first.locator("summary").click()
    first.get_by_role("button", name="Show in the flame graph").click()
    assert "Zoomed to" in report.text("#flame-status")
    assert page.get_by_label("on the CPU", exact=True).is_checked()


def test_where_waits_were_not_recorded_it_says_why(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, tmp_path, spinning())
    page = watched.open("#cpu=off")
    assert "not known: context switches were not recorded" in watched.text("#flame-graph")
    assert page.locator("input[name=flame-side]").last.is_disabled()
    assert watched.text("#flame-status").endswith("CPU shown.")
    page.close()


def test_wake_ups_are_arrows_when_zoomed_in(report: Watched) -> None:
    page = report.open()
    page.evaluate(COUNT_ARROW_HEADS)
    page.locator("#timeline-area").focus()
    page.keyboard.press("Escape")
    report.pixels("#timeline-canvas")
    assert page.evaluate("heads") == 0
    assert "wake-up" not in report.text("#timeline-status")
    page.keyboard.press("n")
    report.pixels("#timeline-canvas")
    assert page.evaluate("heads") > 0
    assert report.text("#timeline-status").endswith("1 wake-up.")
    page.keyboard.press("Escape")
    page.evaluate("heads = 0")
    report.pixels("#timeline-canvas")
    assert page.evaluate("heads") == 0


def test_a_limit_has_a_strip_and_a_table(browser: Browser, tmp_path: Path) -> None:
    path = write(RunDirectory(tmp_path), limited())
    watched = Watched(browser.new_page(viewport={"width": 1200, "height": 900}), path)
    page = watched.open("#time=0-1100000")
    canvas = page.locator("#timeline-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    lowest = box["height"] - 18 - 15  # above the foot, in the middle of a row
    known = {50: "9.90 ms of 10.0 ms used in a period of 100 ms throttled stood still for 70.0 ms"}
    known |= {500: "no period: nothing to run", 950: "2.50 ms of 10.0 ms used in a period of 100 ms"}
    for ms, said in known.items():
        canvas.hover(position={"x": 132 + (box["width"] - 132) * ms / 1100, "y": lowest})
        assert re.sub(r"^CPU quota at [\d.]+ ms ", "", watched.text("#tip")) == said
    assert "was throttled in 2" in watched.text("section:has(#threads)")
    assert page.locator("table.quota tbody tr").count() == 3
    assert watched.complaints == []
    page.close()


def test_without_a_limit_there_is_no_strip(report: Watched) -> None:
    page = report.open()
    assert page.locator("table.quota").count() == 0
    assert "CPU limit" not in report.text("#timeline")
