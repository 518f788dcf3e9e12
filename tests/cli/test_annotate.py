from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from profiler.cli.annotate import _shown
from profiler.cli.main import app
from profiler.errors import UsageError
from profiler.listing.code import Code
from profiler.listing.source_text import EVERYTHING
from tests.listing.annotated import annotated
from tests.run.run_directories import contents
from tests.waiting import FUNCTION, line_of

DATA = Path(__file__).parents[1] / "pages" / "data" / "spin-on"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A real run, without the libraries that it profiled."""
    shutil.copytree(DATA, tmp_path / "20260101T000000Z-minilm-spin-on")
    return tmp_path


def annotate(reports: Path, *arguments: str) -> str:
    done = CliRunner().invoke(
        app, ["annotate", "spin-on", *arguments, "--reports", str(reports)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_hottest_function_is_printed_from_what_the_run_kept(reports: Path) -> None:
    said = annotate(reports)
    assert said.startswith("[spin pause]")
    assert "with what it called; mostly spin-idle" in said
    assert "pause  ← pause" in said


def test_the_run_itself_may_be_closed_to_writing(reports: Path) -> None:
    before = contents(reports)
    annotate(reports)
    assert contents(reports) == before


def test_json_is_the_listing(reports: Path) -> None:
    listing = json.loads(annotate(reports, "[worker loop]", "--json"))
    assert listing["function"].startswith("[worker loop]")
    assert 0 < listing["self_share"] < listing["total_share"] < 1
    assert listing["lines"]
    assert listing["source"] == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["loop]"], "functions have 'loop]'"),
        (["nothing"], "no function has 'nothing'"),
        (["--source-root", "/nowhere"], "--source-root /nowhere: no such folder"),
    ],
)
def test_what_cannot_be_shown_is_refused(reports: Path, arguments: list[str], reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        annotate(reports, *arguments)
    assert reason in refused.value.message
    assert refused.value.hint


def test_a_run_without_a_profile_is_told(reports: Path) -> None:
    run = next(reports.iterdir())
    counters = json.loads((run / "counters.json").read_text())
    del counters["profile"]
    (run / "counters.json").write_text(json.dumps(counters))
    with pytest.raises(UsageError, match="has no profile"):
        annotate(reports)


def test_source_stands_above_the_instructions_made_of_it(tmp_path: Path) -> None:
    profile = annotated(tmp_path).profile
    assert profile is not None
    (function,) = [name for name in profile.functions.names if name[0] == FUNCTION]
    lines = [line.plain for line in _shown(Code(profile, EVERYTHING).listing(function, None), "about it")]
    assert lines[:2] == [f"{FUNCTION}  {function[1]}", "about it"]
    number = line_of("polls")
    (source,) = [line for line in lines if f" {number} │ " in line]
    assert source.lstrip().startswith(("75.0%", "100.0%"))
    heading = next(i for i, line in enumerate(lines) if line.split()[:2] == [str(number), "return"])
    pause = next(i for i, line in enumerate(lines) if line.endswith("← pause"))
    assert lines.index("\nInstructions") < heading < pause
    assert "│" in lines[pause]
    assert any(line.startswith("\nInlined here") for line in lines)
