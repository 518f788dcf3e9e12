"""What pages are made of: bundles that are what the scripts make, styles, and files that are fit to read."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from profiler.pages.base.page import Page, page_parts
from profiler.pages.compare.comparison_page import PAGE as COMPARISON
from profiler.pages.fleet.fleet_page import PAGE as FLEET
from profiler.pages.index.index_page import PAGE as INDEX
from profiler.pages.run.report_page import PAGE as REPORT
from profiler.pages.study.study_page import PAGE as STUDY
from profiler.pages.trial.trial_page import PAGE as TRIAL
from tests.pages.scripts import PAGES

if TYPE_CHECKING:
    from pathlib import Path

EACH = {
    "report": REPORT,
    "comparison": COMPARISON,
    "index": INDEX,
    "study": STUDY,
    "fleet": FLEET,
    "trial": TRIAL,
}
BUNDLES = sorted(page.bundle for page in EACH.values() if page.bundle)
ROOT = PAGES.parent.parent
LONGEST = 160
"""Columns of a line."""


@pytest.mark.usefixtures("node")
def test_the_bundles_are_what_the_scripts_make(tmp_path: Path) -> None:
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    assert esbuild.exists(), "node_modules lacks esbuild: scripts/setup_node.sh installs it"
    bundle = ["npm", "run", "--silent", "bundle", "--", f"--outdir={tmp_path}"]
    subprocess.run(bundle, cwd=ROOT, check=True, timeout=60)
    made = {str(path.relative_to(tmp_path)): path.read_text("utf-8") for path in tmp_path.rglob("*.js")}
    assert sorted(made) == BUNDLES
    for name, script in made.items():
        assert (PAGES / name).read_text("utf-8") == script, f"{name} is stale: make pages"


@pytest.mark.parametrize("page", EACH.values(), ids=EACH)
def test_the_packages_own_files_do_not_end_their_element(page: Page) -> None:
    parts = page_parts(page)
    assert "</" not in parts["script"]
    assert "</" not in parts["style"]


def test_a_page_without_a_script_lets_none_in() -> None:
    assert "script-src 'none'" in page_parts(STUDY)["policy"]
    assert "script-src 'sha256-" in page_parts(REPORT)["policy"]


def test_every_style_is_of_some_page() -> None:
    used = {style for page in EACH.values() for style in page.styles} | {"base/base.css"}
    assert used == {str(path.relative_to(PAGES)) for path in PAGES.rglob("*.css")}


def test_every_colour_of_a_page_is_one_of_its_styles() -> None:
    for name, page in EACH.items():
        style = page_parts(page)["style"]
        unknown = set(re.findall(r"var\((--[\w-]+)", style)) - set(re.findall(r"(--[\w-]+):", style))
        assert unknown == set(), name


def test_lines_are_short_enough_to_read() -> None:
    sources = [path for suffix in ("j2", "js", "css") for path in PAGES.rglob(f"*.{suffix}")]
    assert sources
    long = [
        f"{path.relative_to(PAGES)}:{number}"
        for path in sources
        if str(path.relative_to(PAGES)) not in BUNDLES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > LONGEST
    ]
    assert long == []


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")
