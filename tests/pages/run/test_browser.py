"""The page in a real browser: what a reader can do with it, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from profiler.files import write_json
from profiler.pages.index.index_page import write_index
from profiler.pages.run.report_page import render
from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from profiler.run.summary import to_document
from profiler.spec.configuration import SessionConfiguration
from tests.hostile import BACKWARDS, MARKUP, NAMES, OWNED, QUOTES
from tests.pages.browsing import Watched, barriers, new
from tests.pages.limited_run import limited
from tests.pages.support import POOL, THREAD, WORKING, Made, Sample, spinning
from tests.summaries import edited

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from profiler.attribution.analysis import Analysis

pytestmark = pytest.mark.browser


def hostile() -> Made:
    made = spinning()
    for number, name in enumerate(NAMES):
        made.samples += [
            Sample(500 + i, POOL[0], (THREAD, (name, f"/opt/{name}"), (f"leaf {number}", "/x")))
            for i in range(40)
        ]
    made.comms = {POOL[0]: MARKUP}
    made.changes = {
        "configuration": SessionConfiguration(name=MARKUP, meaning=QUOTES, trades=BACKWARDS),
        "commands": {MARKUP: list(NAMES)},
    }
    return made


@pytest.fixture
def report(browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    watched = new(browser, tmp_path, spinning())
    yield watched
    assert watched.complaints == []
    assert {url.partition("#")[0] for url in watched.requests} <= {"about:blank", watched.address}
    watched.page.close()


def test_it_loads_nothing_and_complains_of_nothing(report: Watched) -> None:
    report.open()
    assert report.requests.count(report.address) == 1
    assert report.text("#flame-status").replace("\u00a0", " ") == "360 ms CPU shown."


def test_the_policy_blocks_what_is_not_the_pages_own(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    html = render(spinning().analysis())
    path.write_text(html.replace("</main>", f"</main><script>document.title = '{OWNED}'</script>"), "utf-8")
    watched = Watched(browser.new_page(), path)
    page = watched.open()
    assert page.title() != OWNED
    assert any("Content Security Policy" in complaint for complaint in watched.complaints)
    page.close()


def test_a_click_zooms_and_the_address_reopens_the_view(report: Watched) -> None:
    page = report.open()
    whole = report.pixels("#flame-canvas")
    page.locator("#flame-canvas").click(position={"x": 300, "y": 30})
    assert "Zoomed to" in report.text("#flame-status")
    zoomed = report.pixels("#flame-canvas")
    assert zoomed != whole
    fragment = report.fragment()
    assert fragment.startswith("#frame=")
    report.open(fragment)
    assert report.pixels("#flame-canvas") == zoomed
    page.get_by_role("button", name="Whole graph").click()
    assert report.pixels("#flame-canvas") == whole
    assert report.fragment() == ""


def test_search_shows_the_matched_share(report: Watched) -> None:
    page = report.open()
    page.keyboard.press("/")
    page.keyboard.type("SpinPause")
    assert re.match(r"8\d % matched \(300 ms\)", report.text("#flame-matched"))
    page.keyboard.press("Escape")
    assert report.text("#flame-matched") == ""


def test_filters_by_thread_time_and_kind(report: Watched) -> None:
    page = report.open()
    page.locator("#flame-window").select_option("in a request")
    assert report.text("#flame-status").startswith("60.0 ms CPU")
    page.locator("#flame-thread").select_option("calling thread")
    assert report.text("#flame-status").startswith("20.0 ms CPU")
    page.locator("#flame-window").select_option("no request in flight")
    assert "the filters hide all of it" in report.text("#flame-status")
    page.locator("#flame-window").select_option("all")
    page.locator("#flame-thread").select_option("all")
    page.locator(".flame-kinds").first.get_by_label("spin-idle").uncheck()
    assert report.text("#flame-status").startswith("60.0 ms CPU")
    report.open(report.fragment())
    assert not page.locator(".flame-kinds").first.get_by_label("spin-idle").is_checked()
    assert report.text("#flame-status").startswith("60.0 ms CPU")


def test_inverted_the_roots_are_the_hottest_functions(report: Watched) -> None:
    page = report.open("#invert=1")
    page.locator("#flame-tree").focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator("#flame-spoken [aria-selected=true]")
    assert "SpinPause" in focused.inner_text()
    page.keyboard.press("ArrowDown")
    assert "WorkerLoop" in focused.inner_text()
    page.get_by_label("Callers (invert)").uncheck()
    page.locator("#flame-tree").focus()
    page.keyboard.press("ArrowDown")
    assert "clone3" in focused.inner_text()


def test_the_keyboard_alone_walks_the_tree(report: Watched) -> None:
    page = report.open()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "flame-tree":
            break
    assert page.evaluate("document.activeElement.id") == "flame-tree"
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    focused = page.locator("#flame-spoken [aria-selected=true]")
    assert focused.get_attribute("role") == "treeitem"
    assert focused.get_attribute("aria-level") == "4"
    assert "_M_invoke" in focused.inner_text()
    assert page.locator("#flame-ring").is_visible()
    active = page.locator("#flame-tree").get_attribute("aria-activedescendant")
    assert focused.get_attribute("id") == active
    page.keyboard.press("Enter")
    assert "_M_invoke" in report.text("#flame-status")
    page.keyboard.press("Escape")
    assert "WorkerLoop" in report.text("#flame-status")


def test_root_below_turns_the_graph_over(report: Watched) -> None:
    page = report.open()
    icicle = report.pixels("#flame-canvas")
    page.get_by_label("Root below").check()
    flame = report.pixels("#flame-canvas")
    assert flame != icicle
    page.locator("#flame-tree").focus()
    page.keyboard.press("ArrowUp")
    assert "clone3" in page.locator("#flame-spoken [aria-selected=true]").inner_text()


def test_a_tooltip_says_what_a_box_is(report: Watched) -> None:
    page = report.open()
    page.locator("#flame-canvas").hover(position={"x": 300, "y": 30})
    said = report.text("#tip")
    assert "WorkerLoop" in said
    assert "of what is shown" in said
    assert "rests on symbol 100 %" in said


def test_the_timeline_goes_from_request_to_request(report: Watched) -> None:
    page = report.open()
    whole = report.pixels("#timeline-canvas")
    assert "The whole phase: 10.0 s" in report.text("#timeline-status")
    page.get_by_role("button", name="Request →").click()
    assert report.text("#timeline-status").startswith("Request 1 of 5: 4.00 ms")
    page.locator("#timeline-area").focus()
    page.keyboard.press("n")
    assert report.text("#timeline-status").startswith("Request 2 of 5")
    second = report.pixels("#timeline-canvas")
    assert second != whole
    fragment = report.fragment()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert "#time=" in report.fragment()
    page.keyboard.press("Escape")
    assert report.pixels("#timeline-canvas") == whole
    report.open(fragment)
    assert report.pixels("#timeline-canvas") == second


def test_the_idle_spin_tail_is_drawn_after_the_request(report: Watched) -> None:
    page = report.open("#request=0")
    page.locator("#timeline-canvas").hover(position={"x": 600, "y": 24 + 30 + 15})
    said = report.text("#tip")
    assert "pool thread 1" in said
    assert "spin-idle" in said
    assert "no request in flight" in said


def test_dragging_pans_and_a_click_on_a_band_opens_its_request(report: Watched) -> None:
    page = report.open("#time=50000-250000")
    page.locator("#timeline-canvas").scroll_into_view_if_needed()
    box = page.locator("#timeline-canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 600, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 60, steps=4)
    page.mouse.up()
    shown = re.search(r"time=(\d+)-(\d+)", report.fragment())
    assert shown is not None
    assert int(shown[1]) > 60_000
    report.open("#time=100000-108000")
    page.locator("#timeline-canvas").click(position={"x": 300, "y": 60})
    assert report.text("#timeline-status").startswith("Request 1 of 5")


def test_hot_functions_sort_open_and_lead_to_the_graph(report: Watched) -> None:
    page = report.open()
    first = page.locator("table.hot tbody").first
    assert "SpinPause" in first.inner_text()
    page.get_by_role("button", name="total").click()
    assert "clone3" in first.inner_text()
    assert page.locator("table.hot th").nth(1).get_attribute("aria-sort") == "descending"
    first.locator("summary").click()
    assert "WorkerLoop" in first.inner_text()
    first.get_by_role("button", name="Show in the flame graph").click()
    assert "Zoomed to clone3" in report.text("#flame-status")
    assert page.evaluate("document.activeElement.id") == "flame-tree"


def test_dark_mode_follows_the_reader(report: Watched) -> None:
    page = report.open()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    before = report.pixels("#timeline-canvas")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert report.pixels("#timeline-canvas") != before


def test_print_has_no_controls_and_all_sections(report: Watched) -> None:
    page = report.open()
    light = report.pixels("#timeline-canvas")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("#flame-search").is_visible()
    assert report.pixels("#timeline-canvas") != light
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(253, 253, 251)"
    assert report.pixels("#timeline-canvas") == light
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert report.pixels("#timeline-canvas") != light
    assert len(page.pdf()) > 10_000


def test_without_javascript_the_page_reads(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, tmp_path, spinning(), java_script_enabled=False)
    page = watched.page
    page.goto(watched.address)
    assert "spinning while no request was in flight" in watched.text(".verdict")
    assert page.locator("svg.bar").is_visible()
    assert page.locator(".chart").count() == 2
    assert page.get_by_text("The flame graph needs JavaScript").is_visible()
    assert page.locator("table.threads tbody tr").count() == 3
    assert not page.locator("#flame-graph").is_visible()
    first = page.locator("table.hot tbody").first
    first.locator("summary").click()
    assert "Called by" in first.inner_text()
    assert not first.get_by_role("button").is_visible()
    page.close()


def test_hostile_names_are_drawn_as_text(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, tmp_path, hostile())
    page = watched.open()
    page.keyboard.press("/")
    page.keyboard.type("onerror")
    assert "matched" in watched.text("#flame-matched")
    page.locator("#flame-tree").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    for summary in page.locator("table.hot summary").all():
        summary.click()
    assert page.title() != OWNED
    assert page.locator("img").count() == 0
    assert watched.complaints == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    page.close()


def test_the_index_sorts(browser: Browser, tmp_path: Path) -> None:
    for name, made in (("a", spinning(requests=2, tail_ms=5)), ("b", spinning(requests=2, tail_ms=80))):
        run = RunDirectory(tmp_path / name)
        run.path.mkdir()
        run.manifest.write_text("{}")
        summary = edited(made.analysis().summary, created=f"2026-01-0{1 + (name == 'b')}")
        write_json(run.summary, to_document(summary))
    watched = Watched(browser.new_page(), write_index(tmp_path))
    page = watched.open()
    first = page.locator("table.runs tbody").first
    assert first.inner_text().startswith("2026-01-02")
    page.get_by_role("button", name="spinning").click()
    page.get_by_role("button", name="spinning").click()
    assert first.inner_text().startswith("2026-01-01")
    assert watched.complaints == []
    page.close()


@pytest.mark.parametrize("made", [Made(), Made(phases=()), Made(samples=[Sample(1, POOL[0], WORKING)])])
def test_pages_with_next_to_nothing_work(browser: Browser, tmp_path: Path, made: Made) -> None:
    watched = new(browser, tmp_path, made)
    watched.open("#frame=9.9&request=7&time=5-1&thread=99&hide=x")
    assert watched.complaints == []
    watched.page.close()


def test_a_narrow_screen_does_not_scroll_sideways(browser: Browser, tmp_path: Path) -> None:
    watched = new(browser, tmp_path, spinning())
    watched.page.set_viewport_size({"width": 390, "height": 800})
    page = watched.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def made_page(which: str, tmp_path: Path, analysis: Analysis) -> Path:
    """Write a page: the real run has what the made-up one lacks, requests' time, waits and their chains."""
    reports = tmp_path / "reports"
    run = RunDirectory(reports / "20260101T000000Z-bert-spin-on")
    run.path.mkdir(parents=True)
    run.manifest.write_text("{}")
    shown = {"real": analysis, "limited": limited()}.get(which) or spinning(requests=30).analysis()
    path = write(run, shown)
    return write_index(reports) if which == "index" else path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["report", "real", "index"])
def test_axe_finds_no_barrier(
    browser: Browser, tmp_path: Path, analysis: Analysis, scheme: Any, which: str
) -> None:
    watched = Watched(browser.new_page(color_scheme=scheme), made_page(which, tmp_path, analysis))
    assert barriers(watched.open()) == ""
    watched.page.close()


@pytest.mark.parametrize("which", ["real", "limited", "index"])
def test_nor_on_a_narrow_screen_where_tables_scroll(
    browser: Browser, tmp_path: Path, analysis: Analysis, which: str
) -> None:
    path = made_page(which, tmp_path, analysis)
    watched = Watched(browser.new_page(viewport={"width": 390, "height": 800}), path)
    page = watched.open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scrolling = page.evaluate(
        "[...document.querySelectorAll('.wide')].filter((one) => one.scrollWidth > one.clientWidth).length"
    )
    assert scrolling > 0
    assert barriers(page) == ""
    page.close()
