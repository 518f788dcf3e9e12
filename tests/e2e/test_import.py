"""A real perf.data read on another machine: a mount namespace without ONNX Runtime's library."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from profiler.intake import perf_data
from profiler.process import clean_environment
from profiler.program_output import side_by_side
from profiler.run import runs
from profiler.trace import perf_script, slices
from tests.e2e.program import run
from tests.trace.plain_columns import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from profiler.program_output import Printing

pytestmark = pytest.mark.beside

QUICK = ("--warmup", "0", "--measure", "0", "--profile", "4", "--rate", "20")
KEPT = ("--scope", "process", "--keep-perf-data")
"""Of this process alone, so that an import, which keeps to none, can say the same."""
BUSY = "import time\nwhile time.process_time() < 1: sum(range(10000))"
HIDDEN = 'mount -t tmpfs none "$0" && exec "$@"'


def library_folder() -> Path:
    spec = importlib.util.find_spec("onnxruntime")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def recorded(reports: Path, small_model: Path) -> dict[str, Any]:
    options = ("--model", str(small_model), "--dim", "batch=1", "--dim", "tokens=64")
    done = run(
        "record", *options, "--config", "spin-on", "--threads", "4", *QUICK, *KEPT, "--json", reports=reports
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def recording(reports: Path) -> Path:
    return runs.find("spin-on", reports).perf_data


def by_kind(done: subprocess.CompletedProcess[str]) -> dict[str, float]:
    assert done.returncode == 0, done.stderr
    found: dict[str, float] = json.loads(done.stdout)["cpu"]["by_kind"]
    return found


def shares(spent: dict[str, float]) -> dict[str, float]:
    """Return shares; which polling was within a request an import can't know."""
    total = sum(spent.values())
    found = {kind: ms / total for kind, ms in spent.items()}
    found["spin-idle"] += found.pop("spin-busy")
    return found


def test_an_import_says_what_the_recording_said(reports: Path, recorded: dict[str, Any]) -> None:
    spent = by_kind(run("import", str(recording(reports)), "--json", reports=reports))
    expected = shares(recorded["cpu"]["by_kind"])
    assert shares(spent) == pytest.approx(expected, abs=0.02)
    assert expected["spin-idle"] > 0.3


def test_a_large_one_is_read_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "perf.data"
    command = ("perf", "record", "-q", "-F", "997", "-e", "cpu-clock", "--call-graph", "dwarf", "-o", file)
    subprocess.run([*command, "--", sys.executable, "-c", BUSY], check=True, env=clean_environment())
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(4))
    monkeypatch.setattr(slices, "SLICE_BYTES", file.stat().st_size // 5)
    cut: list[int] = []

    def noting(commands: Sequence[Sequence[str]]) -> AbstractContextManager[Sequence[Printing]]:
        cut.append(len(commands))
        return side_by_side(commands)

    monkeypatch.setattr(perf_script, "side_by_side", noting)
    taken = perf_data.take(file, perf_data.header(file), ())
    assert cut == [4]
    assert plain(taken.trace) == plain(perf_script.decode(file))
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes mount namespaces everywhere")
def test_another_machine_without_and_with_the_library(
    reports: Path, recorded: dict[str, Any], tmp_path: Path
) -> None:
    binaries = tmp_path / "binaries"
    binaries.mkdir()
    folder = library_folder()
    for path in (folder / "capi").glob("onnxruntime_pybind11_state*.so"):
        shutil.copy(path, binaries)
    away = ("unshare", "-m", "sh", "-c", HIDDEN, str(folder))
    file = str(recording(reports))
    without = run("import", file, "--name", "away", "--json", reports=reports, wrapper=away)
    assert shares(by_kind(without))["unknown"] > 0.5
    assert any("onnxruntime" in doubt["what"] for doubt in json.loads(without.stdout)["unavailable"])
    found = run(
        "import",
        file,
        "--name",
        "found",
        "--binaries",
        str(binaries),
        "--json",
        reports=reports,
        wrapper=away,
    )
    assert shares(by_kind(found)) == pytest.approx(shares(recorded["cpu"]["by_kind"]), abs=0.02)
    again = run("report", "found", "--json", reports=reports, wrapper=away)
    assert by_kind(again) == by_kind(found)
