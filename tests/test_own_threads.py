from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from profiler import own_threads, process
from tests.children import python

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
    limits = (VARIABLE, "OMP_NUM_THREADS", "GOTO_NUM_THREADS")
    environment = {name: value for name, value in os.environ.items() if name not in limits}
    threads = [int(_printed(code, environment)) for code in (ours, THREADS)]
    assert threads[0] == 1
    assert (threads[1] > 1) == (len(os.sched_getaffinity(0)) > 1)


def test_the_program_forbids_them_before_it_does_anything() -> None:
    code = (
        "import os, sys; sys.modules['profiler.cli.main'] = sys; "
        "sys.main = lambda: print(os.environ[%r], *sys.modules); "
        "from profiler.cli.start import main; main()"
    )
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    value, *modules = _printed(code % VARIABLE, environment).split()
    assert value == "1"
    assert "numpy" not in modules


def _printed(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run(python(code), env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout
