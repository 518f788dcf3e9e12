"""What browser tests share: a watched page, and what axe finds in it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.pages.support import Made


class Watched:
    """A page with all that it complained about and asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.address = path.as_uri()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, fragment: str = "") -> Page:
        self.page.goto("about:blank")
        self.page.goto(self.address + fragment)
        if self.page.locator("#data").count():
            self.page.wait_for_function("document.getElementById('flame-status').textContent !== ''")
        return self.page

    def text(self, selector: str) -> str:
        return re.sub(r"\s+", " ", self.page.locator(selector).inner_text())

    def fragment(self) -> str:
        """Return the address's fragment, once it is written."""
        self.page.wait_for_timeout(200)
        return str(self.page.evaluate("location.hash"))

    def pixels(self, selector: str) -> str:
        """Return what a canvas shows, as text to compare."""
        self.page.wait_for_timeout(50)  # drawn at the next frame
        return str(self.page.evaluate(f"document.querySelector('{selector}').toDataURL()"))


def barriers(page: Page) -> str:
    """Return what axe finds, as text; empty when it finds nothing."""
    for summary in page.locator("summary:visible").all()[:2]:
        summary.click()
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations)")
    rows = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
    return json.dumps(rows, indent=1) if rows else ""


def overlapping(page: Page) -> list[list[str]]:
    """Return pairs of labels of one chart that lie on each other, as seen on the screen."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
            const labels = [...chart.querySelectorAll("text")].map((text) => {
                const { left, right, top, bottom } = text.getBoundingClientRect();
                return { text: text.textContent.trim(), left, right, top, bottom };
            });
            const meet = (a, b) =>
                a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
            return labels.flatMap((one, which) =>
                labels.slice(0, which).filter((it) => meet(one, it)).map(({ text }) => [one.text, text]));
        })"""
    )
    return [[str(label) for label in pair] for pair in found]


def new(browser: Browser, tmp_path: Path, made: Made, **options: Any) -> Watched:
    path = write(RunDirectory(tmp_path), made.analysis())
    return Watched(browser.new_page(viewport={"width": 1200, "height": 900}, **options), path)
