"""What `--max-size` promises: a recording that ends in time, is whole, and says what it left out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from profiler.run import runs
from tests.e2e.program import ENDLESS, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

MOST_MB = 20
BUFFERS_MB = 16 * 2
"""What perf may hold back: its buffers on two CPUs, and what comes in while they are written."""


def test_a_recording_ends_when_it_is_so_large(small_model: Path, tmp_path: Path) -> None:
    workload = ("--model", str(small_model), "--arrivals", "closed", "--threads", "2")
    phases = ("--warmup", "0.2", "--measure", "0.5", "--profile", ENDLESS, "--max-size", str(MOST_MB))
    done = run("record", *workload, *phases, "--scope", "process", "--json", reports=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"ends when it has {MOST_MB} MB (--max-size)" in done.stderr
    summary = json.loads(done.stdout)
    assert summary["complete"]
    assert 0 < summary["profiled"]["seconds"] < float(ENDLESS) / 2
    (left,) = [doubt for doubt in summary["unavailable"] if "--max-size" in doubt["why"]]
    assert left["what"].endswith(" s of the profile phase")
    size = runs.find(summary["run_id"], tmp_path).perf_data.stat().st_size
    assert MOST_MB * 1e6 <= size <= (MOST_MB + BUFFERS_MB) * 1e6
