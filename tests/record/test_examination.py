from __future__ import annotations

import importlib.metadata
import sys
from typing import TYPE_CHECKING

import pytest

from profiler.record import cluster_workers
from profiler.record.examination import Examined, examine

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = [
    "perf",
    "sampling event",
    "kernel samples",
    "tracepoints (futex, scheduler)",
    "whole CPUs (--scope cpus)",
    "large perf buffers",
    "CPU limits (cgroup)",
    "CPUs for a default pool",
    "containers",
    "ONNX Runtime",
]


def findings(python: str) -> dict[str, Examined]:
    return {finding.what: finding for finding in examine(python)}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learnt of libraries goes nowhere else."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(autouse=True)
def _no_workers_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out workers of clusters, which tests that run meanwhile start."""
    monkeypatch.setattr(cluster_workers, "quiet_workers", list)
    monkeypatch.setattr(cluster_workers, "stock_workers", list)


def test_a_machine_that_can_record_has_what_is_required() -> None:
    found = findings(sys.executable)
    assert list(found) == EVERYTHING
    required = {what for what, finding in found.items() if finding.required}
    assert required == {"perf", "sampling event", "ONNX Runtime"}
    assert all(found[what].available for what in required)
    said = found["ONNX Runtime"].detail
    assert said.startswith(
        f"{importlib.metadata.version('onnxruntime')} on Python {sys.version.split()[0]}, "
    )
    assert " polling loops in " in said


def test_whatever_is_missing_has_a_remedy(bare_python: str) -> None:
    found = findings(bare_python)
    assert all(finding.available or finding.remedy for finding in found.values())
    onnxruntime = found["ONNX Runtime"]
    assert not onnxruntime.available
    assert "ModuleNotFoundError: No module named 'onnxruntime'" in onnxruntime.detail
    assert onnxruntime.remedy == f"install it there: {bare_python} -m pip install onnxruntime"


@pytest.mark.usefixtures("no_perf")
def test_without_perf_the_rest_is_examined(bare_python: str) -> None:
    found = findings(bare_python)
    assert list(found) == EVERYTHING
    for what in ("perf", "sampling event"):
        assert not found[what].available
        assert found[what].detail == "perf is not on PATH"
        assert "apt-get install linux-perf" in found[what].remedy
    assert not found["tracepoints (futex, scheduler)"].available


def test_an_interpreter_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    missing = str(tmp_path / "python")
    finding = findings(missing)["ONNX Runtime"]
    assert (finding.available, finding.detail) == (False, f"{missing} is not on PATH")
