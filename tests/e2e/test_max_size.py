"""What `--max-size` promises: a recording that ends in time, is whole, and says what it left out."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from profiler.run import runs
from tests.e2e.program import ENDLESS, run
from tests.e2e.spinner import spinner

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.beside

MOST_MB = 20
BOUND = ("--max-size", str(MOST_MB), "--scope", "process", "--json")
BUFFERS_MB = 16 * len(os.sched_getaffinity(0))
"""What perf may hold back: its buffers of each CPU, and what comes in while they are written."""


def test_a_recording_ends_when_it_is_so_large(small_model: Path, tmp_path: Path) -> None:
    workload = ("--model", str(small_model), "--arrivals", "closed", "--threads", "2")
    phases = ("--warmup", "0.2", "--measure", "0.5", "--profile", ENDLESS)
    done = run("record", *workload, *phases, *BOUND, reports=tmp_path)
    assert f"ends when it has {MOST_MB} MB (--max-size)" in done.stderr
    summary = bounded(done, tmp_path)
    assert 0 < summary["profiled"]["seconds"] < float(ENDLESS) / 2


def test_one_of_a_process_that_runs_already_does_too(small_model: Path, tmp_path: Path) -> None:
    with spinner(small_model, tmp_path / "spinner.py") as target:
        done = run("attach", str(target.pid), "--seconds", ENDLESS, *BOUND, reports=tmp_path / "reports")
        assert target.poll() is None
    bounded(done, tmp_path / "reports")


def bounded(done: subprocess.CompletedProcess[str], reports: Path) -> dict[str, Any]:
    """Hold a recording against its bound; return what its summary says."""
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    assert summary["complete"]
    (left,) = [doubt for doubt in summary["unavailable"] if "--max-size" in doubt["why"]]
    assert left["what"].endswith(" s of the profile phase")
    size = runs.find(summary["run_id"], reports).perf_data.stat().st_size
    assert MOST_MB * 1e6 <= size <= (MOST_MB + BUFFERS_MB) * 1e6
    return summary
