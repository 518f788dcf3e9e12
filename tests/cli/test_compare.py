"""`ortprof compare` as its user meets it, on real runs' files."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from profiler.cli.compare import print_comparison
from profiler.study.compare.comparison import compare_pair
from profiler.study.compare.sides import read_pair
from tests.run.run_directories import contents

DATA = Path(__file__).resolve().parents[1] / "study" / "data"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "reports"))


def ortprof(reports: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "profiler.cli", "compare", *arguments, "--reports", str(reports)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_writes_a_page_and_says_what_it_found(reports: Path) -> None:
    done = ortprof(reports, "spin-on", "spin-off")
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    first, *_ = done.stdout.splitlines()
    assert first.startswith("Against spin-on+t2, spin-off+t2 saves")
    page = reports / "compare-spin-on-spin-off.html"
    assert f"Page: {page}" in done.stdout
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_json_is_the_only_thing_on_stdout(reports: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = ortprof(reports, "spin-on", "spin-off", "--json", "-o", str(page))
    assert json.loads(done.stdout)["schema"] == "ortprof.comparison/1"
    assert page.exists()
    assert not (reports / "compare-spin-on-spin-off.html").exists()


def test_the_runs_themselves_may_be_closed_to_writing(reports: Path, tmp_path: Path) -> None:
    before = contents(reports)
    done = ortprof(reports, "spin-on", "spin-off", "-o", str(tmp_path / "page.html"))
    assert done.returncode == 0, done.stderr
    assert contents(reports) == before


@pytest.mark.parametrize("width", [60, 80, 120])
def test_doubts_and_names_of_figures_stand_in_any_width(reports: Path, width: int) -> None:
    """Two runs of one configuration have long labels, which are told once, above their letters."""
    other = "20261122T161949Z-minilm-spin-on"
    manifest = Path(shutil.copytree(reports / "spin-on", reports / other)) / "run.json"
    told = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**told, "created": "2026-11-22T16:19:49Z"}), encoding="utf-8")
    printed = io.StringIO()
    comparison = compare_pair(read_pair("spin-on", other, reports, lambda _: None))
    print_comparison(Console(file=printed, width=width), comparison)
    lines = printed.getvalue().splitlines()
    labels = [side.label for side in comparison.pair.sides]
    assert all(f"{letter}: {label}" in lines for letter, label in zip("AB", labels, strict=True))
    (title,) = (line for line in lines if line.startswith("figure"))
    assert title.split()[1:4] == ["A", "B", "change"]
    (median,) = (line for line in lines if line.startswith("Latency, median"))
    assert "+0 %  ?" in median
    assert "? may be chance" in lines


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("spin-on", "spin-on"), 2, "ortprof: error: spin-on and spin-on are the same run"),
        (("spin-on", "nothing"), 2, "ortprof: error: there is no run 'nothing'"),
        (("spin-on",), 2, "missing argument 'B'"),
        (("spin-on", "spin-off", "-o", "/nowhere/page.html"), 3, "can't be written"),
    ],
)
def test_errors_say_what_is_wrong(reports: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = ortprof(reports, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_damaged_run_is_named(reports: Path) -> None:
    (reports / "spin-off" / "counters.json").write_text("{")
    done = ortprof(reports, "spin-on", "spin-off")
    assert done.returncode == 2
    assert "counters.json is not what ortprof writes" in done.stderr
