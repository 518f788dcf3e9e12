"""From a study to a session that was made by the printed code, and a gate on the study."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside
GENEROUS = ("--p95-ms", "86400000")
"""The most there is: surely met, however much the repeats differ."""
THREADS = {"spin-on+t2": [2, 0], "single-thread": [1, 1]}
"""What a session of each has, within operators and between them; 0 is ONNX Runtime's own count."""
USE = """
import json, numpy
options = session.get_session_options()
[output] = session.run(None, {"x0": numpy.zeros((1, 1, 512), "f4")})
print(json.dumps([options.intra_op_num_threads, options.inter_op_num_threads, output.shape]))
"""
"""What a program does with the session that the pasted code made."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Path:
    """Run a study of the default pool of two threads, and of a single thread."""
    folder = tmp_path_factory.mktemp("reports")
    done = run(
        *("sweep", "--configs", "spin-on,single-thread", "--threads", "2", "--models", str(small_model)),
        # Not two: where one p95 is thrice the other, their interval ends at its thousandfold.
        *("--rates", "20", "--repeat", "3", "--warmup", "0.5", "--measure", "1.5", "--profile", "0"),
        reports=folder,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def by_cost(reports: Path) -> list[str]:
    """Return the two by what the study says of their CPU time: which is less is the machine's affair."""
    shown = run("show", "sweep", "--json", reports=reports)
    assert shown.returncode == 0, shown.stderr
    cost = {
        cell["configuration"]: cell["cpu_ms_per_request"]["value"]
        for cell in json.loads(shown.stdout)["cells"]
    }
    assert cost.keys() == THREADS.keys()
    return sorted(cost, key=cost.__getitem__)


def test_the_printed_python_makes_the_recommended_session(
    reports: Path, by_cost: list[str], small_model: Path
) -> None:
    printed = run("advise", "sweep", *GENEROUS, reports=reports)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith(f"Choose {by_cost[0]}: ")
    [code] = re.findall(r"^# Python\n\n(.*?)\n\n# C\+\+$", printed.stdout, re.DOTALL | re.MULTILINE)
    made = subprocess.run(
        [sys.executable, "-c", code.replace('"model.onnx"', repr(str(small_model))) + USE],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(made.stdout) == [*THREADS[by_cost[0]], [1, 1, 512]]


def test_json_says_the_same_and_a_target_out_of_reach_ends_with_1(reports: Path, by_cost: list[str]) -> None:
    told = run("advise", "sweep", *GENEROUS, "--json", reports=reports)
    advice = json.loads(told.stdout)
    assert {each["standing"] for each in advice["candidates"]} == {"meets"}
    assert [advice["chosen"], advice["runner_up"]["label"]] == by_cost
    never = run("advise", "sweep", "--p95-ms", "0.001", "--json", reports=reports)
    assert never.returncode == 1, never.stderr
    found = json.loads(never.stdout)
    assert (found["chosen"], found["settings"]) == (None, {})
    highest = {each["label"]: each["p95_ms"]["high"] for each in found["candidates"]}
    assert found["nearest"] == min(highest, key=highest.__getitem__)


def test_a_study_is_held_against_bounds_and_never_against_itself(reports: Path) -> None:
    same = run("check", "sweep", "--baseline", "sweep", "--max-cpu-increase", "1%", reports=reports)
    assert (same.returncode, same.stdout) == (2, "")
    assert "is its own baseline" in same.stderr
    generous = run("check", "sweep", "--max-cpu-ms", "10000", reports=reports)
    assert generous.returncode == 0, generous.stdout + generous.stderr
    assert generous.stdout.endswith("passed\n")
    strict = run("check", "sweep", "--max-cpu-ms", "0", "--json", reports=reports)
    assert strict.returncode == 1
    assert [each["checks"][0]["outcome"] for each in json.loads(strict.stdout)["subjects"]] == ["failed"] * 2
