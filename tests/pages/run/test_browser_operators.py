"""Operators in a real browser: the table, and flame graph and hot functions of one operator type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from profiler.attribution.analyse import analyse
from profiler.pages.run.write_report import write
from tests.pages.browsing import Watched, barriers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from profiler.run.directory import RunDirectory

pytestmark = pytest.mark.browser


@pytest.fixture
def report(browser: Browser, operators_run: RunDirectory) -> Iterator[Watched]:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    watched = Watched(page, write(operators_run, analyse(operators_run)))
    yield watched
    assert watched.complaints == []
    page.close()


def test_the_table_sorts_and_unfolds(report: Watched) -> None:
    page = report.open()
    first = page.locator("table.operators tbody").first
    assert first.inner_text().startswith("MatMul")
    page.locator("table.operators").get_by_role("button", name="calls").click()
    assert first.inner_text().startswith("Add")
    shown = page.locator("table.operators > tbody:visible")
    assert shown.count() == 12
    page.get_by_role("button", name="Show all 25").click()
    assert shown.count() == 25
    assert page.locator("table.hot > tbody.more").first.is_hidden()


def test_an_operator_leads_to_its_flame_graph_and_hot_functions(report: Watched) -> None:
    page = report.open()
    whole = report.pixels("#flame-canvas")
    assert not page.locator("#flame-operator").is_visible()
    row = page.locator("table.operators tbody").first
    row.locator("summary").click()
    row.get_by_role("button", name="Show in the flame graph").click()
    assert page.get_by_label("by operator").is_checked()
    assert page.locator("#flame-operator").input_value() == "0"
    assert not page.locator("#flame-thread").is_visible()
    product = report.pixels("#flame-canvas")
    assert product != whole
    assert not page.locator("#hot-of-all").is_visible()
    assert report.text("#hot-of-operator-what").endswith("shown in the flame graph: MatMul.")
    kernel = page.locator("#hot-of-operator tbody tr").first.inner_text()
    assert "[no unwind info]" in kernel
    assert "compute" in kernel
    report.open(report.fragment())
    assert report.pixels("#flame-canvas") == product


def test_filters_hold_for_both(report: Watched) -> None:
    page = report.open("#cpu=operators")
    every = report.text("#hot-of-operator-what")
    page.locator("#flame-operator").select_option("MatMul")
    one = report.text("#hot-of-operator-what")
    page.locator(".flame-kinds:visible").get_by_label("futex").uncheck()
    assert len({every, one, report.text("#hot-of-operator-what")}) == 3
    assert "futex" not in page.locator("#hot-of-operator tbody").inner_text().split()
    page.get_by_label("on the CPU", exact=True).check()
    assert page.locator("#hot-of-all").is_visible()
    assert page.locator("#flame-thread").is_visible()
    assert "operator" not in report.fragment()


def test_an_operator_that_is_not_there_is_all_of_them(report: Watched) -> None:
    page = report.open("#cpu=operators&operator=999")
    assert page.locator("#flame-operator").input_value() == "-1"
    assert "all operators" in report.text("#hot-of-operator-what")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(report: Watched, scheme: Literal["light", "dark"]) -> None:
    report.page.emulate_media(color_scheme=scheme)
    page = report.open("#cpu=operators&operator=0")
    page.locator("table.operators summary").first.click()
    assert barriers(page) == ""


def test_a_narrow_screen_does_not_scroll_sideways(report: Watched) -> None:
    report.page.set_viewport_size({"width": 390, "height": 800})
    page = report.open("#cpu=operators")
    page.locator("table.operators summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
