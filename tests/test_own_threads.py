from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from profiler import own_threads, process

if TYPE_CHECKING:
    from pathlib import Path

VARIABLE = "OPENBLAS_NUM_THREADS"
THREADS = "import numpy; print(open('/proc/self/status').read().split('Threads:')[1].split()[0])"


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_threads, "_kept_from_others", [])


@pytest.mark.parametrize("given", [None, "3"])
def test_what_we_set_for_ourselves_nobody_inherits(
    given: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, given or "")
    if given is None:
        monkeypatch.delenv(VARIABLE)
    own_threads.forbid()
    assert os.environ[VARIABLE] == (given or "1")
    told = tmp_path / "told"
    with told.open("wb") as file:
        child = process.launch(["sh", "-c", f"echo ${{{VARIABLE}-none}}"], stdout=file.fileno())
        assert child.wait() == 0
    assert told.read_text("utf-8") == f"{given or 'none'}\n"


def test_numpy_starts_no_thread_beside_what_is_profiled() -> None:
    """On a machine of several CPUs it does when it may."""
    ours = f"from profiler import own_threads; own_threads.forbid(); {THREADS}"
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    threads = [
        int(
            subprocess.run(
                [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=True
            ).stdout
        )
        for code in (ours, THREADS)
    ]
    assert threads[0] == 1
    assert (threads[1] > 1) == (len(os.sched_getaffinity(0)) > 1)


def test_the_program_sets_it_before_it_imports_anything_else() -> None:
    code = "import sys; from profiler.cli import start; print('numpy' in sys.modules, 'typer' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout
        == b"False False\n"
    )
