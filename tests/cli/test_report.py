"""`ortprof report` on a real run's files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from profiler.cli.main import app
from profiler.errors import MachineError
from profiler.run.directory import RunDirectory

DATA = Path(__file__).parents[1] / "pages" / "data" / "spin-on"


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    """A real run, without the libraries that it profiled."""
    return RunDirectory(Path(shutil.copytree(DATA, tmp_path / "20260101T000000Z-minilm-spin-on")))


def report(run: RunDirectory, *arguments: str) -> str:
    done = CliRunner().invoke(
        app, ["report", "spin-on", *arguments, "--reports", str(run.path.parent)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_figures_and_page_are_written_anew(run: RunDirectory) -> None:
    assert report(run).strip() == str(run.report)
    assert run.report.read_text("utf-8").startswith("<!doctype html>")
    assert json.loads(run.summary.read_bytes()) == json.loads(report(run, "--json"))


def test_a_page_that_cannot_be_written_is_named(run: RunDirectory) -> None:
    run.report.mkdir()
    with pytest.raises(MachineError, match=r"report\.html can't be written: Is a directory"):
        report(run)
