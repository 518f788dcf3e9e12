"""Each page on a phone and on a desk, light and dark: it fits, and no label of a chart lies on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from profiler.pages.compare.comparison_page import write_page
from profiler.pages.index.index_page import write_index
from profiler.pages.run.latency import LABEL_WIDTH
from profiler.pages.run.write_report import write
from profiler.pages.study.study_page import render_page
from profiler.run.directory import RunDirectory
from profiler.spec.configuration import SessionConfiguration
from tests.pages.browsing import Watched, overlapping
from tests.pages.support import Made as MadeRun
from tests.study.made import Made, make_results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from profiler.study.compare.comparison import Comparison

pytestmark = pytest.mark.browser

ALIKE = tuple(Made(f"{name}+threads{n}", 8 + n / 50, 5 + n / 40) for n in range(4) for name in ("on", "off"))
CLOSE_LIMITS = tuple(
    Made(name, 5 + (1 / cpus if cpus else 0), 5, cpus=cpus, throttled=0.5)
    for name in ("spin-on", "single-thread")
    for cpus in (0.1, 0.11, 0.125, 0.13, 0.2, 0.5, 0.9, 1, None)
)


@pytest.fixture
def pages(tmp_path: Path, comparison: Comparison) -> dict[str, Callable[[], Path]]:
    """Return what makes each page: nothing is drawn that a test does not look at."""

    def compared() -> Path:
        write_page(comparison, tmp_path / "comparison.html")
        return tmp_path / "comparison.html"

    def study(cells: tuple[Made, ...]) -> Path:
        (tmp_path / "study.html").write_text(render_page(make_results(cells)), "utf-8")
        return tmp_path / "study.html"

    def steady() -> Path:
        latencies = [*[10.0] * 94, *[10.4] * 4, 10.8, 11.0]
        requests = [(at * 90.0, at * 90.0 + latency) for at, latency in enumerate(latencies)]
        return write(RunDirectory(tmp_path), MadeRun(requests=requests).analysis())

    return {
        "steady run": steady,
        "comparison": compared,
        "cells alike": lambda: study(ALIKE),
        "close limits": lambda: study(CLOSE_LIMITS),
    }


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1200, "light")])
@pytest.mark.parametrize("name", ["steady run", "comparison", "cells alike", "close limits"])
def test_a_page_fits_and_its_labels_are_apart(
    browser: Browser, pages: dict[str, Callable[[], Path]], name: str, width: int, scheme: Any
) -> None:
    viewport: Any = {"width": width, "height": 900}
    watched = Watched(browser.new_page(viewport=viewport, color_scheme=scheme), pages[name]())
    shown = watched.page
    shown.goto(watched.address)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert overlapping(shown) == []
    assert watched.complaints == []
    shown.close()


def test_rows_of_a_comparison_can_be_read_on_a_phone(
    browser: Browser, pages: dict[str, Callable[[], Path]]
) -> None:
    watched = Watched(browser.new_page(viewport={"width": 390, "height": 900}), pages["comparison"]())
    shown = watched.page
    shown.goto(watched.address)
    heights = shown.evaluate(
        "[...document.querySelectorAll('.sides tbody tr')].map((row) => row.getBoundingClientRect().height)"
    )
    assert 0 < max(heights) < 160
    shown.close()


def test_labels_of_what_differs_keep_their_words_on_a_phone(
    browser: Browser, pages: dict[str, Callable[[], Path]]
) -> None:
    watched = Watched(browser.new_page(viewport={"width": 390, "height": 900}), pages["comparison"]())
    shown = watched.page
    shown.goto(watched.address)
    broken = shown.evaluate(
        """[...document.querySelectorAll(".differences th[scope=row]")].filter((label) => {
            const range = document.createRange();
            range.selectNodeContents(label);
            return range.getClientRects().length > label.textContent.trim().split(/\\s+/).length;
        }).length"""
    )
    assert broken == 0
    shown.close()


def test_a_long_configuration_hides_no_column_of_the_list_of_runs(browser: Browser, tmp_path: Path) -> None:
    adjustments = ("spin_duration_us=500", "spin_backoff_max=1024", "inter_op_spin_duration_us=500", "t4")
    configuration = SessionConfiguration(name="spin-on", adjustments=adjustments)
    requests = [(at * 90.0, at * 90.0 + 10) for at in range(30)]
    run = RunDirectory(tmp_path / "20260101T000000Z-minilm-long")
    run.path.mkdir()
    run.manifest.write_text("{}")
    write(run, MadeRun(requests=requests, changes={"configuration": configuration}).analysis())
    watched = Watched(browser.new_page(viewport={"width": 1200, "height": 900}), write_index(tmp_path))
    shown = watched.page
    shown.goto(watched.address)
    assert configuration.label in watched.text("table.runs")
    assert shown.evaluate("(it => it.scrollWidth <= it.clientWidth)(document.querySelector('.wide'))")
    shown.close()


def test_a_percentile_label_is_narrower_than_it_is_taken_for(
    browser: Browser, pages: dict[str, Callable[[], Path]]
) -> None:
    watched = Watched(browser.new_page(viewport={"width": 390, "height": 900}), pages["steady run"]())
    shown = watched.page
    shown.goto(watched.address)
    label, plot = shown.evaluate(
        """["svg.marked text.over", "svg.marked .grid"].map(
            (one) => document.querySelector(one).getBoundingClientRect().width)"""
    )
    assert 0 < label < LABEL_WIDTH / 100 * plot
    shown.close()
