from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.cli.options.place_options import build_folders

if TYPE_CHECKING:
    import pytest

ORTPROF = Path(sys.executable).with_name("ortprof")


def record(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ORTPROF, "record", *args],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_a_build_that_is_not_there_ends_with_the_command_that_makes_it(tmp_path: Path) -> None:
    done = record("--ort", "debug", ORTPROF_BUILD=str(tmp_path))
    assert done.returncode == 3
    assert str(tmp_path / "venv-debug") in done.stderr
    assert "scripts/build_ort_debug.sh --config Debug" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interpreter_and_a_build_are_one_too_many() -> None:
    done = record("--ort", "release", "--python", sys.executable)
    assert done.returncode == 2
    assert "--ort and --python" in done.stderr


def test_builds_are_looked_for_here_and_in_the_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ORTPROF_BUILD", raising=False)
    monkeypatch.chdir(tmp_path)
    checkout = Path(__file__).resolve().parents[2]
    assert build_folders() == [tmp_path / "build", checkout / "build"]
    monkeypatch.setenv("ORTPROF_BUILD", "elsewhere")
    assert build_folders() == [Path("elsewhere")]
