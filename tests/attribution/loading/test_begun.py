"""perf is at work on a run's recording before what reads it is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from profiler.process import clean_environment
from profiler.run.directory import RunDirectory
from tests.run.conftest import REAL

if TYPE_CHECKING:
    from pathlib import Path

BEGINS = """
import sys
from pathlib import Path
from profiler.run.directory import RunDirectory
from profiler.attribution.loading.load import begun
from profiler import process

popen = process.popen
def noted(args, *rest, **options):
    print(args[0], args[1], "numpy" in sys.modules)
    return popen(args, *rest, **options)
process.popen = noted
with begun(RunDirectory(Path(sys.argv[1])), lambda _: None):
    print("numpy" in sys.modules)
"""


def begins(run: RunDirectory, bin_folder: Path) -> list[str]:
    environment = clean_environment() | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", BEGINS, run.path], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.splitlines()


def a_run(folder: Path, *, decoded: bool) -> RunDirectory:
    run = RunDirectory(folder / "run")
    run.path.mkdir()
    for file in REAL["spin-on"].iterdir():
        if file.is_file() and (decoded or file != RunDirectory(REAL["spin-on"]).trace):
            (run.path / file.name).write_bytes(file.read_bytes())
    run.perf_data.write_bytes(b"PERFILE2" + bytes(100))
    return run


def a_perf(folder: Path) -> Path:
    """Stand in for a perf that is at work for long."""
    folder.mkdir()
    perf = folder / "perf"
    perf.write_text("#!/bin/sh\ncase $* in *-h) exit;; esac\nexec sleep 60\n")
    perf.chmod(0o755)
    return folder


def test_perf_is_at_work_before_numpy_is_imported(tmp_path: Path) -> None:
    said = begins(a_run(tmp_path, decoded=False), a_perf(tmp_path / "bin"))
    assert said[:-1] == ["perf script False"] * 2, "what it can print is asked before"
    assert said[-1] == "True"


def test_a_decoded_run_needs_no_perf(tmp_path: Path) -> None:
    assert begins(a_run(tmp_path, decoded=True), a_perf(tmp_path / "bin")) == ["True"]
