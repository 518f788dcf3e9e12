"""The GitHub Action: action.yml's form, the script behind it, and the example workflow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "check_action.sh"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INPUT = re.compile(r"\$\{\{ inputs\.([a-z0-9-]+) \}\}")


def variables() -> dict[str, str]:
    """Return the environment variable of each input that the script gets."""
    (step,) = (step for step in STEPS if "check_action.sh" in step.get("run", ""))
    return {INPUT.fullmatch(value)[1]: name for name, value in step["env"].items()}  # type: ignore[index]  # None fails the test


def check(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the script in `folder` as the action does, with the defaults of action.yml."""
    values = {name: one["default"] for name, one in ACTION["inputs"].items()}
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    environment = {variable: values[name] for name, variable in variables().items()}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    summary = {"GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "PATH": path}
    return subprocess.run(
        [SCRIPT],
        cwd=folder,
        env={**os.environ, **environment, **summary},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_input_is_pasted_into_a_shell() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step)


def test_every_input_is_described_and_used() -> None:
    used = set(INPUT.findall(yaml.dump(STEPS, width=1000))) | {"artifact"}
    assert used == set(ACTION["inputs"])
    assert all(one["description"] for one in ACTION["inputs"].values())


def test_the_script_reads_what_it_is_given() -> None:
    script = SCRIPT.read_text("utf-8")
    assert all(re.search(rf"\b{variable}\b", script) for variable in variables().values())


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github" / "workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_workflows_give_the_action_what_it_takes(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if step.get("uses") == "./"]
    assert ours
    assert all(set(step["with"]) <= set(ACTION["inputs"]) for step in ours)
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(
    ("runs", "baseline", "status"), [("spin-off", "spin-on", 0), ("spin-on", "spin-off", 1)]
)
def test_runs_are_held_against_a_baseline(reports: Path, runs: str, baseline: str, status: int) -> None:
    done = check(
        reports.parent,
        runs=f"reports/{runs}",
        baseline=f"\n  \nreports/{baseline}\n",
        max_cpu_increase="10%",
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert "CPU" in (reports.parent / "summary.md").read_text("utf-8")
    assert (reports.parent / "ortprof.xml").read_text("utf-8").count("<failure") == status


@pytest.mark.parametrize("name", sorted(variables()))
@pytest.mark.parametrize(
    "value",
    [
        "$(touch owned)`touch owned`;touch owned\ntouch owned",
        "'\"; touch owned; \"'; touch owned | touch owned #",
    ],
)
def test_inputs_are_never_evaluated(tmp_path: Path, name: str, value: str) -> None:
    done = check(tmp_path, **{"runs": "nowhere", "max-cpu-ms": "1"} | {name: value})
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "owned").exists()


def test_a_run_that_looks_like_an_option_is_a_run(tmp_path: Path) -> None:
    done = check(tmp_path, runs="--help", max_cpu_ms="1")
    assert done.returncode == 2
    assert "Usage" not in done.stdout
