"""On the Debug build of scripts/build_ort_debug.sh, where there is one: no test compiles for an hour."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from profiler.cli.options.place_options import build_folders
from profiler.errors import MachineError
from profiler.run import runs
from profiler.spec.ort_build import OrtConfig
from tests.e2e.program import run


@pytest.fixture(scope="module")
def reports(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        OrtConfig.DEBUG.interpreter(Path(sys.executable), build_folders())
    except MachineError as error:
        pytest.skip(error.message)
    folder = tmp_path_factory.mktemp("reports")
    done = run(
        *("record", "--ort", "debug", "--config", "spin-on", "--threads", "4", "--model", str(small_model)),
        *("--warmup", "1", "--measure", "2", "--profile", "4"),
        reports=folder,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def summary(reports: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(runs.find("spin-on", reports).summary.read_bytes())
    return found


def test_the_run_says_which_build_it_was(reports: Path, summary: dict[str, Any]) -> None:
    assert summary["ort"]["build"] == "debug"
    assert summary["ort"]["symbols"] == "dwarf"
    page = runs.find("spin-on", reports).report.read_text()
    assert f"{summary['ort']['version']} (Debug), with debug information" in page


def test_the_worker_loop_is_known_by_its_name(summary: dict[str, Any]) -> None:
    spinning = [row for row in summary["hot"] if row["kind"] == "spin-idle"]
    assert any("WorkerLoop" in row["symbol"] for row in spinning)
    assert {row["evidence"] for row in spinning} == {"symbol"}
    assert summary["cpu"]["by_category"]["spin"] > summary["cpu"]["total_ms"] / 2
    assert summary["cpu"]["evidence"]["instruction"] == 0


def test_the_loop_is_shown_with_its_source(reports: Path, summary: dict[str, Any]) -> None:
    loop = next(row for row in summary["hot"] if row["symbol"].endswith("::WorkerLoop"))
    assert Path(loop["file"]).name == "EigenNonBlockingThreadPool.h"
    assert f"{Path(loop['file']).name}:{loop['line']}" in runs.find("spin-on", reports).report.read_text()
    shown = run("annotate", "spin-on", "::WorkerLoop", "--json", reports=reports)
    listing = json.loads(shown.stdout)
    in_loop = [line["text"] for line in listing["source"] if line["loop"]]
    assert any("SpinPause" in (text or "") for text in in_loop)
    assert sum(line["total"] for line in listing["source"] if line["loop"]) > 0.5
