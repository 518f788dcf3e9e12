"""Signals, deaths and standstills in each phase: what is finished stays, nothing else does."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from profiler.run import pruning, runs
from tests.e2e.program import BOUNDED, ENDLESS, finish, run, start, wait_for

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside
PERF, WORKLOAD = "perf", "workload"
OURS = (PERF, "cat")
"""perf, and what it waits for where it watches CPUs."""


def begin(model: Path, reports: Path, *, warmup: str = "0") -> subprocess.Popen[str]:
    """Start a recording whose measure phase ends, and whose profile phase does not."""
    phases = ("--warmup", warmup, "--measure", "1", "--profile", ENDLESS, *BOUNDED)
    load = ("--model", str(model), "--rate", "50", "--threads", "2")
    return start("record", *load, *phases, reports=reports)


def children(child: subprocess.Popen[str]) -> dict[str, psutil.Process]:
    return {
        process.name() if process.name() in OURS else WORKLOAD: process
        for process in psutil.Process(child.pid).children(recursive=True)
    }


def ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def measured_requests(reports: Path) -> int:
    """Make the one run's report; return how many requests were due while it measured."""
    (only,) = runs.list_runs(reports)
    done = run("report", only.run_id, "--json", reports=reports)
    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout)["measured"]
    assert measured["requests"] > 0
    return int(measured["requests"] + measured["unserved"])  # where others keep the CPUs, not all are served


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_in_the_profile_phase_keeps_the_measured_one(
    number: signal.Signals, small_model: Path, tmp_path: Path
) -> None:
    child = begin(small_model, tmp_path)
    wait_for(child, "profile:")
    left = children(child)
    child.send_signal(number)
    code, out, err = finish(child)
    assert code == 130
    assert re.search(r"Report: .*report\.html|kept: .*`ortprof report ", out + err)
    assert all(map(ended, left.values()))
    assert measured_requests(tmp_path) == 50


def test_what_a_sigkill_leaves_is_found_and_its_measured_phase_rescued(
    small_model: Path, tmp_path: Path
) -> None:
    child = begin(small_model, tmp_path)
    wait_for(child, "profile:")
    left = children(child)
    child.kill()
    child.communicate()
    psutil.wait_procs(left.values(), timeout=20)
    assert all(map(ended, left.values()))
    assert runs.list_runs(tmp_path) == []
    done = run("runs", "prune", reports=tmp_path)
    assert re.search(r"was cut off; `ortprof report \S+` makes a report", done.stderr)
    assert measured_requests(tmp_path) == 50
    assert pruning.abandoned(tmp_path) == []


@pytest.mark.parametrize(
    ("victim", "code", "said"),
    [(WORKLOAD, 4, "the workload was killed by SIGKILL"), (PERF, 3, "perf record was killed by SIGKILL")],
)
def test_a_death_in_the_profile_phase_keeps_the_measured_one(
    victim: str, code: int, said: str, small_model: Path, tmp_path: Path
) -> None:
    child = begin(small_model, tmp_path)
    wait_for(child, "profile:")
    left = children(child)
    left[victim].kill()
    if victim == PERF:
        psutil.wait_procs([left[PERF]], timeout=5)
        child.send_signal(signal.SIGINT)  # perf is asked for at the phase's end
    exit_code, _, err = finish(child)
    assert (exit_code, said in err, "kept:" in err) == (code, True, True), err
    assert all(map(ended, left.values()))
    assert measured_requests(tmp_path) == 50


def test_a_stopped_workload_ends_the_run_in_a_line(small_model: Path, tmp_path: Path) -> None:
    child = begin(small_model, tmp_path)
    wait_for(child, "profile:")
    left = children(child)
    left[WORKLOAD].suspend()
    child.send_signal(signal.SIGINT)
    code, _, err = finish(child)
    assert code == 4
    assert "the workload was stopped (SIGSTOP, or a debugger) while running the profile phase" in err
    assert all(map(ended, left.values()))
    assert measured_requests(tmp_path) == 50


def test_what_a_script_starts_is_profiled(small_model: Path, tmp_path: Path) -> None:
    script = tmp_path / "python.sh"
    script.write_text(f'#!/bin/sh\n{sys.executable} "$@"\n')
    script.chmod(0o755)
    phases = ("--warmup", "0", "--measure", "1", "--profile", "1")
    options = ("--model", str(small_model), "--rate", "20", "--python", str(script), "--json")
    done = run("record", *phases, *options, reports=tmp_path / "r")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["measured"]["requests"] > 0
    assert said["cpu"]["total_ms"] > 0


def test_without_room_nothing_is_profiled_and_the_rest_stands(small_model: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    # However little CPU time the measured phase got, so many seconds of the like have no room.
    phases = ("--warmup", "0", "--measure", "1", "--profile", ENDLESS)
    if not mounted(full, "20m"):
        pytest.skip("mounting takes root")
    try:
        done = run("record", "--model", str(small_model), "--arrivals", "closed", *phases, reports=full)
        assert "nothing is profiled: it would take about" in done.stderr
        assert measured_requests(full) > 0
    finally:
        unmounted(full)


def mounted(folder: Path, size: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmounted(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)
