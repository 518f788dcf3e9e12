"""What lists of runs show of a run, and what they do about one that is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from profiler.run.overview import read_overview

from profiler import files
from profiler.errors import UsageError
from tests.run.run_directories import SUMMARY, make_run

if TYPE_CHECKING:
    from pathlib import Path


def test_it_has_the_most_wanted_figures(tmp_path: Path) -> None:
    run = make_run(tmp_path, "a")
    files.write_json(run.summary, SUMMARY)
    found = read_overview(run)
    assert (found.measured.cpu_ms_per_request, found.measured.latency_ms.p95) == (2.5, 7)
    assert found.spin_share == 0.25
    assert found.limit is None


def test_what_was_not_measured_is_none(tmp_path: Path) -> None:
    run = make_run(tmp_path, "a")
    nothing = {"unavailable": "nothing was profiled"}
    files.write_json(run.summary, SUMMARY | {"measured": nothing, "cpu": nothing, "limit": None})
    found = read_overview(run)
    assert found.measured.cpu_ms_per_request is found.measured.latency_ms.p95 is found.spin_share is None


@pytest.mark.parametrize(
    ("changes", "runtime"),
    [
        ({}, "1.32.0"),
        ({"ort": {"version": "1.21.0", "build": "debug"}}, "1.21.0 debug"),
        ({"ort": {"version": "1.21.0", "build": None}}, "1.21.0"),
        ({"container": {"engine": "podman", "image": "x"}}, "1.32.0 podman"),
    ],
)
def test_it_says_which_onnx_runtime_that_was(changes: dict[str, Any], runtime: str, tmp_path: Path) -> None:
    run = make_run(tmp_path, "a")
    files.write_json(run.summary, SUMMARY | changes)
    assert read_overview(run).runtime == runtime


@pytest.mark.parametrize(
    "changes",
    [
        {"measured": None},
        {"measured": {"cpu_ms_per_request": "2.5"}},
        {"measured": {"latency_ms": {"p95": [7]}}},
        {"measured": {"latency_ms": 7}},
        {"cpu": {"total_ms": "200", "by_category": {"spin": 50}}},
        {"cpu": {"total_ms": 0.5, "by_category": {"spin": 10**400}}},
        {"ort": "1.32.0"},
    ],
)
def test_damage_is_named(changes: dict[str, Any], tmp_path: Path) -> None:
    run = make_run(tmp_path, "a")
    files.write_json(run.summary, SUMMARY | changes)
    with pytest.raises(UsageError, match=r"a/summary\.json is not what ortprof writes"):
        read_overview(run)


def test_a_run_that_was_not_analysed_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^a was not analysed$"):
        read_overview(make_run(tmp_path, "a"))
