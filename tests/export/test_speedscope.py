from __future__ import annotations

import base64
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from profiler.attribution.analyse import analyse
from profiler.export.formats import Format, KindFrame
from tests.export.support import hostile_run, summary_cpu_ns, summary_wait_ns, written
from tests.export.viewers import speedscope
from tests.hostile import OWNED, PAGE_NAMES
from tests.pages.support import Made

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


def opened(browser: Browser, tmp_path: Path, content: bytes) -> Page:
    """Open a profile in speedscope as its own command does: from a script, without a server."""
    script = tmp_path / "profile.js"
    encoded = base64.b64encode(content).decode()
    script.write_text(f'speedscope.loadFileFromBase64("profile.speedscope.json", "{encoded}")')
    page = browser.new_page()
    page.goto(f"{speedscope().as_uri()}#localProfilePath={script}")
    page.get_by_text("Left Heavy").wait_for()
    return page


def saved_again(page: Page) -> dict[str, Any]:
    """Return the profile as speedscope itself writes it after reading it."""
    with page.expect_download() as download:
        page.get_by_text("Export").click()
    document: dict[str, Any] = json.loads(download.value.path().read_text())
    return document


def innermost(document: dict[str, Any], which: str) -> dict[str, int]:
    """Return the nanoseconds of each innermost frame, in what speedscope wrote (`EventedProfile`)."""
    sums: defaultdict[str, int] = defaultdict(int)
    names = [frame["name"].strip("[]") for frame in document["shared"]["frames"]]
    for profile in document["profiles"]:
        open_frames: list[int] = []
        now = profile["startValue"]
        for event in profile["events"] if profile["name"].endswith(which) else ():
            if event["at"] > now:
                sums[names[open_frames[-1]]] += event["at"] - now
            now = event["at"]
            if event["type"] == "O":
                open_frames.append(event["frame"])
            else:
                assert open_frames.pop() == event["frame"]
    return dict(sums)


def by_kind(document: dict[str, Any], which: str, end: int) -> dict[str, int]:
    """Return the nanoseconds of each frame at one end of the chains, in profiles that we wrote."""
    sums: defaultdict[str, int] = defaultdict(int)
    names = [frame["name"].strip("[]") for frame in document["shared"]["frames"]]
    for profile in document["profiles"]:
        if profile["name"].endswith(which):
            for chain, weight in zip(profile["samples"], profile["weights"], strict=True):
                sums[names[chain[end]]] += weight
    return dict(sums)


def some(table: dict[Any, int]) -> dict[str, int]:
    return {kind.value: ns for kind, ns in table.items() if ns}


@pytest.mark.browser
def test_speedscope_reads_what_the_summary_says(
    browser: Browser, tmp_path: Path, run: RunDirectory, operators_run: RunDirectory
) -> None:
    for number, one in enumerate((run, operators_run)):
        analysis = analyse(one)
        folder = tmp_path / str(number)
        folder.mkdir()
        page = opened(browser, folder, written(analysis, Format.SPEEDSCOPE))
        assert analysis.manifest.run_id in page.title()
        document = saved_again(page)
        assert innermost(document, "on CPU") == some(summary_cpu_ns(analysis))
        assert innermost(document, "off CPU") == some(summary_wait_ns(analysis))
        page.close()


@pytest.mark.browser
def test_hostile_names_are_text_in_speedscope(browser: Browser, tmp_path: Path) -> None:
    analysis = hostile_run().analysis()
    page = opened(browser, tmp_path, written(analysis, Format.SPEEDSCOPE))
    page.get_by_text("Sandwich").click()
    assert page.title() != OWNED
    assert page.locator("img").count() == 0
    names = {frame["name"] for frame in saved_again(page)["shared"]["frames"]}
    assert {name.encode("utf-8", "replace").decode() for name in PAGE_NAMES} <= names
    page.close()


@pytest.mark.parametrize("kind_frame", KindFrame)
def test_the_file_is_as_the_schema_has_it(analysis: Analysis, kind_frame: KindFrame) -> None:
    document = json.loads(written(analysis, Format.SPEEDSCOPE, kind_frame))
    schema = json.loads((speedscope().parent / "file-format-schema.json").read_text())
    jsonschema.validate(document, schema)
    end = 0 if kind_frame is KindFrame.OUTERMOST else -1
    assert by_kind(document, "on CPU", end) == some(summary_cpu_ns(analysis))
    for profile in document["profiles"]:
        assert profile["endValue"] == sum(profile["weights"])


def test_an_empty_profile_has_no_profiles() -> None:
    assert json.loads(written(Made().analysis(), Format.SPEEDSCOPE))["profiles"] == []
