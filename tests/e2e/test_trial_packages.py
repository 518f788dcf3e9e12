"""`ortprof trial` on magika and silero-vad, which make their sessions themselves (`make test-trial`)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from profiler.record.marks import MARKER
from tests.e2e.program import run
from tests.e2e.services import free_port

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples/packages"
PYTHON = ROOT / "build/packages/bin/python"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="no packages in build/packages: make test-trial")


@pytest.mark.parametrize(
    ("service", "choices"),
    [("magika_service.py", {"spin-off", "single-thread"}), ("vad_service.py", {"as-is"})],
)
def test_packages_are_tried_unchanged(service: str, choices: set[str], tmp_path: Path) -> None:
    for code in (*EXAMPLES.glob("*.py"), MARKER / "ortprof_marks.py"):
        shutil.copy(code, tmp_path)
    port = str(free_port())
    client = f"{PYTHON} {tmp_path / 'client.py'} {port} 5"
    course = ("--rounds", "3", "--seconds", "8", "--load", client, "--json")
    done = run(
        "trial", *course, "--", str(PYTHON), str(tmp_path / service), port, reports=tmp_path / "reports"
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["chosen"] in choices, found["headline"]
    for one in found["configurations"]:
        assert len(one["runs"]) == 3
        assert {run["source"] for run in one["runs"]} == {"marks"}
        assert one["cpu_ms_per_request"]["estimate"] > 0
        assert one["p95_ms"]["estimate"] > 0
