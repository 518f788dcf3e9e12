from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

import msgspec
import pytest

from profiler import files
from profiler.cli.main import run
from profiler.pages.index.index_page import write_index
from profiler.pages.trial.trial_page import render_page, write_page
from profiler.run.directory import TRIAL_MANIFEST
from profiler.run.request import RequestSource
from profiler.spec.catalogue import load
from profiler.study.trial.trial_directory import TrialDirectory
from profiler.study.trial.trial_record import write_trial
from tests.hostile import MARKUP
from tests.pages.browsing import Watched, barriers, overlapping
from tests.pages.parsed_page import Page
from tests.study.made_trials import ASKED, NAMES, made, three, trial

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from profiler.study.trial.trial_record import Trial

NAME = "20260101T000000Z-service-trial"
RUNS = [*three("as-is", 10), *three("spin-off", 4), *three("single-thread", 2, 9.0)]


@pytest.fixture
def found() -> Trial:
    """Return a trial of which spin-off comes out best."""
    catalogue = load()
    named = [catalogue.configurations.get(one.name, one) for one in ASKED.configurations]
    return msgspec.structs.replace(trial(*RUNS), asked=msgspec.structs.replace(ASKED, configurations=named))


def rendered(found: Trial) -> Page:
    html = render_page(found, load().settings)
    return Page(html.replace("\N{NO-BREAK SPACE}", " "))


def test_the_page_says_what_to_choose_and_what_to_paste(found: Trial) -> None:
    page = rendered(found)
    for said in (
        "Trial of service",
        "Choose spin-off: 60 % less CPU time a request than as-is",
        "chosen",
        "60 % less (",
        "session.intra_op.allow_spinning",
        "each beginning with another configuration",
    ):
        assert said in page.text, said
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert links == [f"runs/{one.run_id}/report.html" for one in RUNS]
    marks = [attributes["aria-label"] for tag, attributes in page.elements if tag == "g"]
    assert [str(mark).partition(":")[0] for mark in marks] == [*NAMES, *NAMES]


def test_one_round_of_unknown_requests_has_dashes_and_no_charts() -> None:
    page = rendered(trial(*(made(name, 0, None, source=None, latency_ms=1.0) for name in NAMES)))
    assert "Unfinished: 6 runs are left." in page.text
    assert "Requests are not known" in page.text
    single = rendered(
        trial(made("as-is", 0, 5.0), made("spin-off", 0, 1, void=True, doubts=["x is ignored"]))
    )
    assert "left out" in single.text
    assert not [tag for tag, _ in single.elements if tag == "g"]


def test_arguments_are_not_on_it_and_names_stay_text(found: Trial) -> None:
    asked = msgspec.structs.replace(
        found.asked, command=[f"/opt/{MARKUP}", "--password", "hunter2"], load=["client", "hunter2"]
    )
    page = rendered(msgspec.structs.replace(found, asked=asked))
    assert "hunter2" not in page.text
    script = msgspec.structs.replace(found.asked, command=["/usr/bin/python3", "service.py", "8000"])
    assert "Trial of python3 service.py" in rendered(msgspec.structs.replace(found, asked=script)).text
    assert not any(tag in ("img", "script") for tag, _ in page.elements)


def written(reports: Path, found: Trial) -> TrialDirectory:
    directory = TrialDirectory(reports / NAME)
    directory.path.mkdir()
    write_trial(directory.path, found)
    write_page(directory, found, load().settings)
    return directory


def test_runs_and_the_index_list_it_and_show_shows_it(
    found: Trial, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = written(tmp_path, found)
    (tmp_path / "20260102-broken-trial").mkdir()
    (tmp_path / "20260102-broken-trial" / TRIAL_MANIFEST).write_text("{")
    assert run(["runs", "--reports", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"{NAME}  Choose spin-off: 60" in said
    assert "20260102-broken-trial  unreadable: " in said
    for name in (NAME, NAME[:8], str(directory.path)):
        assert run(["show", name, "--reports", str(tmp_path)]) == 0
        said = capsys.readouterr().out
        assert said.startswith("Choose spin-off: 60")
        assert f"{NAME}/trial.html" in said.replace("\n", "")
    assert run(["show", NAME, "--json", "--reports", str(tmp_path)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["trial"], document["chosen"], document["left"]) == ("t-trial", "spin-off", 0)
    assert run(["show", "20260102", "--reports", str(tmp_path)]) == 2
    index = Page(write_index(tmp_path).read_text("utf-8"))
    assert f"{NAME}/trial.html" in [attributes["href"] for tag, attributes in index.elements if tag == "a"]
    assert "20260102-broken-trial" in index.text
    assert files.read_text(directory.page)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_a_browser(
    found: Trial, browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    path = written(tmp_path, found).page
    watched = Watched(browser.new_page(color_scheme=scheme), path)
    shown = watched.open()
    assert barriers(shown) == ""
    assert overlapping(shown) == []
    assert watched.complaints == []
    assert set(watched.requests) <= {"about:blank", path.as_uri()}
    shown.set_viewport_size({"width": 390, "height": 800})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    shown.close()


def test_rows_of_runs_are_low_on_a_phone(found: Trial, browser: Browser, tmp_path: Path) -> None:
    given = "The setting session.intra_op.allow_spinning was given to 1 of 1 sessions. " * 2
    runs = [msgspec.structs.replace(one, given=given) for one in found.runs]
    (tmp_path / "trial.html").write_text(
        render_page(msgspec.structs.replace(found, runs=runs), load().settings), "utf-8"
    )
    watched = Watched(browser.new_page(viewport={"width": 390, "height": 900}), tmp_path / "trial.html")
    watched.page.goto(watched.address)
    height = "[...document.querySelectorAll('#runs ~ .wide tbody tr')].map((row) => row.clientHeight)"
    assert max(watched.page.evaluate(height)) < 130
    watched.page.close()


def test_a_run_says_under_what_its_latency_was(found: Trial) -> None:
    assert (
        "8 s measured with nothing attached; in the first round 8 s under perf besides"
        in rendered(found).text
    )
    inferred = [msgspec.structs.replace(one, source=RequestSource.INFERRED) for one in found.runs]
    text = rendered(msgspec.structs.replace(found, runs=inferred)).text
    assert "then 8 s under perf, which p95 latency is of" in text
