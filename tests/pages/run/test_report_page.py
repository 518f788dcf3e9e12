from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.pages.run.report_page import render
from profiler.pages.run.write_report import write
from profiler.run.directory import RunDirectory
from profiler.spec.configuration import SessionConfiguration
from tests.hostile import PAGE_NAMES
from tests.pages.parsed_page import Page
from tests.pages.support import POOL, THREAD, Made, Sample, spinning

if TYPE_CHECKING:
    from pathlib import Path


def test_the_page_says_what_the_run_says() -> None:
    text = Page(render(spinning().analysis())).text
    assert "was worker threads spinning while no request was in flight" in text
    assert "p95 needs 20 requests; there were 5" in text
    assert "agree with perf report within 0.1 points" in text
    assert "perf record -o './perf data'" in text
    assert "context switches: no permission" in text
    assert "weights: synthetic" in text
    assert "session.intra_op.allow_spinning = 1" in text


def test_a_run_without_a_measured_phase_has_no_column_of_dashes() -> None:
    text = Page(render(Made(phases=("profile",)).analysis())).text
    assert "Nothing was measured undisturbed: the measure phase did not run." in text
    assert text.count("the measure phase did not run") == 2  # there, and of what perf costs
    assert "Nothing was measured" not in Page(render(spinning().analysis())).text


@pytest.mark.parametrize(
    "made",
    [
        Made(phases=("measure",)),
        Made(phases=("profile",)),
        Made(phases=()),
        Made(requests=[(0, 1)]),
        Made(changes={"complete": False}, phases=("measure",), requests=[(0, 1)]),
        Made(samples=[Sample(1, POOL[0], ())]),
        Made(cross_check=None, changes={"commands": {}}),
    ],
)
def test_runs_that_lack_something_render(made: Made) -> None:
    page = Page(render(made.analysis()))
    assert ("main", {}) in page.elements
    assert "None" not in page.text.replace("None: there is no profile", "")
    assert "nan" not in page.text.lower().split()


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_hostile_names_stay_text(name: str, tmp_path: Path) -> None:
    made = spinning()
    made.samples += [Sample(500 + i, POOL[0], (THREAD, (name, f"/opt/{name}.so"))) for i in range(40)]
    made.comms = {POOL[0]: name}
    made.changes = {
        "configuration": SessionConfiguration(name=name, meaning=name, trades=name, adjustments=(name,)),
        "run_id": name,
        "commands": {name: [name]},
    }
    harmless = Page(render(spinning().analysis()))
    path = write(RunDirectory(tmp_path), made.analysis())
    page = Page(path.read_text("utf-8"))
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in harmless.elements}
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert not any(tag == "img" for tag, _ in page.elements)


def test_command_lines_are_quoted_for_the_shell() -> None:
    made = Made(changes={"commands": {"perf report": ["perf", "report", "-t", "\t", "-i", "./perf data"]}})
    assert "perf report -t $'\\t' -i './perf data'" in Page(render(made.analysis())).text


def test_the_policy_lets_in_this_style_and_script_and_nothing_else() -> None:
    page = Page(render(spinning().analysis()))
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not any({"src", "href", "style"} & a.keys() for tag, a in page.elements if tag != "a")
