"""`ortprof record --operators` with the real model: which operators its time went to, in a stripped wheel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from profiler.run import runs
from profiler.run.request import decode_requests
from tests.e2e.program import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside

SHORT = ("--warmup", "0", "--measure", "0", "--profile", "4", "--rate", "20", "--waits", "switches")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="module")
def summary(reports: Path) -> dict[str, Any]:
    done = run(
        "record", "--config", "spin-off", "--threads", "2", "--operators", *SHORT, "--json", reports=reports
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_products_of_matrices_are_most_of_it(summary: dict[str, Any]) -> None:
    operators = summary["operators"]
    in_operators = sum(row["cpu_ms"] for row in operators["by_type"])
    products = sum(row["cpu_ms"] for row in operators["by_type"] if "MatMul" in row["type"])
    assert operators["by_type"][0]["type"] == "MatMul"
    assert products > in_operators / 2
    assert operators["coverage"] > 0.6


def test_figures_sum_to_the_kernels_cpu_time_of_the_phase(summary: dict[str, Any]) -> None:
    operators = summary["operators"]
    total = sum(row["cpu_ms"] for row in operators["by_type"])
    total += sum(sum(kinds.values()) for kinds in operators["outside"].values())
    assert total == pytest.approx(operators["total_ms"], rel=1e-6)
    assert total == pytest.approx(operators["phase"]["cpu_ms"], rel=1e-6)
    assert sum(sum(row["by_kind"].values()) for row in operators["by_type"]) == pytest.approx(
        sum(row["cpu_ms"] for row in operators["by_type"])
    )


def test_every_request_is_covered_and_operators_fit_into_them(reports: Path, summary: dict[str, Any]) -> None:
    operators = summary["operators"]
    found = runs.find("spin-off", reports)
    requests = decode_requests(found.requests.read_bytes(), found.requests.name)
    served_ms = sum(one.end_ns - one.start_ns for one in requests if one.phase == "operators") / 1e6
    phase = operators["phase"]
    assert operators["covered"] == phase["requests"] > 0
    wall = sum(row["wall_ms"] for row in operators["by_type"])
    assert 0.3 < wall / served_ms < 1
    assert all(row["calls"] % phase["requests"] == 0 for row in operators["by_type"])


def test_the_profilers_own_time_is_told_from_the_operators(summary: dict[str, Any]) -> None:
    """It takes microseconds a node, so that without this each of the 30 or more Shapes would cost as much."""
    operators = summary["operators"]
    assert sum(operators["outside"]["executor"].values()) > operators["total_ms"] / 20
    assert operators["cpu_ratio"] > 1.1
    rows = {row["type"]: row for row in operators["by_type"]}
    assert rows["Shape"]["cpu_ms"] < rows["Shape"]["wall_ms"] / 2


def test_it_is_shown_and_analysed_anew_without_perf(reports: Path, summary: dict[str, Any]) -> None:
    found = runs.find("spin-off", reports)
    found.operators_perf_data.unlink(missing_ok=True)
    again = run("report", found.run_id, "--json", reports=reports)
    assert json.loads(again.stdout)["operators"] == summary["operators"]
    shown = run("show", found.run_id, reports=reports).stdout
    assert "operators, ms a request" in shown
    assert "MatMul" in shown
    assert 'aria-labelledby="operators"' in found.report.read_text("utf-8")


def test_operators_without_a_profile_phase_are_refused(reports: Path) -> None:
    done = run("record", "--operators", "--profile", "0", reports=reports)
    assert done.returncode == 2
    assert "--operators wants a profile phase" in done.stderr
