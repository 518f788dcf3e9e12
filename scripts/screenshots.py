"""Pictures of real reports for the README and the guides, into docs/images.

    python scripts/screenshots.py [--reports reports] [--debug DIR | --limits PAGE | --export]
                                  [--images docs/images]

Takes the latest complete runs of spin-on and spin-off (make them with `ortprof record --config NAME`) and
compares them. With `--debug` it takes the pictures of source lines alone, of such runs with a Debug build in
DIR; with `--limits` those of a study's curves against the limit; with `--export` that of spin-on in
speedscope (scripts/setup_node.sh brings it). Needs the `test` extra and Chromium. Exit code 2 when a run or
its report is missing, 3 without Chromium.
"""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import sync_playwright

from profiler.attribution.analyse import analyse
from profiler.errors import OrtprofError, UsageError
from profiler.export.columns.exported import exported
from profiler.export.exporters import exporter_of
from profiler.export.formats import Format
from profiler.pages.compare.comparison_page import page_path, write_page
from profiler.run import runs
from profiler.study.compare.comparison import compare_pair
from profiler.study.compare.sides import read_pair

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from profiler.run.directory import RunDirectory

WIDTH, HEIGHT = 1180, 860
SPEEDSCOPE = Path(__file__).parents[1] / "node_modules" / "speedscope" / "dist" / "release" / "index.html"
COMPARISON, STUDY = "comparison", "study"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: of which page (a configuration's report, or another), in which scheme, of what part."""

    name: str
    page: str
    scheme: Literal["light", "dark"] = "light"
    fragment: str = ""
    part: str = ""
    """Selector of a section; the top of the page without one."""
    keys: tuple[str, ...] = ()
    """Pressed in the flame graph first."""
    opens: str = ""
    """Part of the name of a hot function that is opened, as the last row of the table."""


PICTURES = (
    Picture("spin-on", "spin-on"),
    Picture("spin-on-dark", "spin-on", "dark"),
    Picture("spin-off", "spin-off"),
    Picture("spin-off-dark", "spin-off", "dark"),
    Picture("timeline-request", "spin-on", fragment="#request=2", part="section:has(#threads)"),
    Picture("timeline-request-dark", "spin-on", "dark", "#request=2", "section:has(#threads)"),
    Picture("flame-graph", "spin-off", part="section:has(#flame)"),
    Picture(
        "flame-graph-zoomed",
        "spin-off",
        part="section:has(#flame)",
        keys=("ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "Enter"),
    ),
    Picture("compare", COMPARISON),
    Picture("compare-dark", COMPARISON, "dark"),
    Picture("compare-requests", COMPARISON, part="section:has(#typical)"),
    Picture("compare-flame", COMPARISON, part="section:has(#flame)"),
)

DEBUG_PICTURES = (
    Picture("debug-spin-loop", "spin-on", part="table.hot", opens="::WorkerLoop"),
    Picture("debug-futex-path", "spin-off", part="table.hot", opens="::SetBlocked"),
)
LIMITS_PICTURES = (
    Picture("limits", STUDY, part="section:has(#limits)"),
    Picture("limits-dark", STUDY, "dark", part="section:has(#limits)"),
)
ROWS = 6
"""Of the table of hot functions, before the one that is opened."""


def main() -> int:
    """Take every picture; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--debug", type=Path, help="folder of runs of a Debug build")
    kind.add_argument("--limits", type=Path, metavar="PAGE", help="study.html of a study of CPU limits")
    parser.add_argument("--images", type=Path, default=Path("docs/images"))
    kind.add_argument("--export", action="store_true", help="the export of spin-on in speedscope")
    options = parser.parse_args()
    pictures: tuple[Picture, ...]
    export = b""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("no chromium on PATH: apt-get install chromium", file=sys.stderr)
        return 3
    try:
        if options.limits:
            pictures, pages = LIMITS_PICTURES, {STUDY: options.limits.resolve(strict=True)}
        elif options.export:
            pictures, pages = (), {}
            export = speedscope_file(runs.find("spin-on", options.reports))
        elif options.debug:
            pictures, pages = DEBUG_PICTURES, find_reports(options.debug)
        else:
            pictures, pages = PICTURES, find_reports(options.reports)
            pages[COMPARISON] = compare("spin-on", "spin-off", options.reports)
    except FileNotFoundError as error:
        print(f"there is no {error.filename}", file=sys.stderr)
        return 2
    except OrtprofError as error:
        print(f"{error.message}\n{error.hint or ''}", file=sys.stderr)
        return error.exit_code
    options.images.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        if options.export:
            path = options.images / "export-speedscope.png"
            take_speedscope(browser, export, path)
            print(f"{path} ({path.stat().st_size / 1e3:.0f} kB)")
        for picture in pictures:
            path = options.images / f"{picture.name}.png"
            take(browser, picture, pages[picture.page], path)
            print(f"{path} ({path.stat().st_size / 1e3:.0f} kB)")
        browser.close()
    return 0


def find_reports(reports: Path) -> dict[str, Path]:
    """Return the reports of both configurations' latest runs."""
    return {name: find_report(name, reports) for name in ("spin-on", "spin-off")}


def find_report(configuration: str, reports: Path) -> Path:
    """Return the report of a configuration's latest run; `UsageError` where there is none."""
    run = runs.find(configuration, reports)
    if not run.report.is_file():
        raise UsageError(f"{run.path} has no report", hint=f"ortprof report {run.run_id}")
    return run.report.resolve()


def compare(before: str, after: str, reports: Path) -> Path:
    """Compare two configurations' latest runs; return the page. Errors are those of `ortprof compare`."""
    pair = read_pair(before, after, reports, print)
    path = page_path(pair, reports)
    write_page(compare_pair(pair), path)
    return path.resolve()


def take(browser: Browser, picture: Picture, report: Path, path: Path) -> None:
    """Open a report as the picture says and save what it shows."""
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=picture.scheme, device_scale_factor=1.5
    )
    page.goto(report.as_uri() + picture.fragment)
    page.wait_for_function("document.querySelector('#flame-status, #difference-status')?.textContent !== ''")
    for key in picture.keys:
        page.locator("#flame-tree").press(key)
    if picture.opens:
        open_function(page, picture.opens)
    page.wait_for_timeout(300)  # the last frame
    if picture.part:
        page.locator(picture.part).screenshot(path=path)
    else:
        page.screenshot(path=path)
    page.close()


def speedscope_file(run: RunDirectory) -> bytes:
    """Return a run in speedscope's format."""
    out = io.BytesIO()
    exporter_of(Format.SPEEDSCOPE).write(exported(analyse(run)), out)
    return out.getvalue()


def take_speedscope(browser: Browser, content: bytes, path: Path) -> None:
    """Open an export in speedscope, merged, at the first pool thread's time on the CPU."""
    encoded = base64.b64encode(content).decode()
    with tempfile.NamedTemporaryFile("w", suffix=".js") as script:
        script.write(f'speedscope.loadFileFromBase64("spin-on.speedscope.json", "{encoded}")')
        script.flush()
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT // 2}, device_scale_factor=1.5)
        page.goto(f"{SPEEDSCOPE.as_uri()}#localProfilePath={script.name}")
        page.get_by_text("Left Heavy").click()
        page.keyboard.press("n")  # the next profile
        page.wait_for_timeout(500)  # the last frame
        page.screenshot(path=path)
        page.close()


def open_function(page: Page, part: str) -> None:
    """Open a hot function, and leave out what is between the hottest ones and it, and what follows."""
    row = page.locator("table.hot tbody", has=page.locator("summary", has_text=part)).first
    row.evaluate("(row) => { row.hidden = false; row.querySelector('details').open = true; }")
    row.evaluate(
        "(row, count) => [...row.parentElement.tBodies].forEach((other, i, all) => {"
        " if (other !== row && (i >= count || i > all.indexOf(row))) other.hidden = true; })",
        ROWS,
    )


if __name__ == "__main__":
    raise SystemExit(main())
