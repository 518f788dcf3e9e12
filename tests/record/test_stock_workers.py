from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from profiler.record.examination import _workers
from profiler.record.stock_workers import MODULE, TUNED, doubts, stock_workers

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITS = "import sys; print(flush=True); sys.stdin.read()"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    made: list[subprocess.Popen[bytes]] = []
    yield made
    for child in made:
        child.communicate(timeout=20)


def start(made: list[subprocess.Popen[bytes]], *arguments: str, **environment: str) -> int:
    """Start a program that is called so, and waits; return its process id."""
    child = subprocess.Popen(
        [sys.executable, "-c", WAITS, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    made.append(child)
    assert child.stdout is not None
    child.stdout.readline()
    return child.pid


def test_a_worker_of_dasks_own_is_found_and_said(started: list[subprocess.Popen[bytes]]) -> None:
    before = set(stock_workers())
    stock = {start(started, "/usr/bin/dask-worker"), start(started, MODULE)}
    start(started, "dask-worker", **{TUNED: "False"})
    start(started, "ortprof", "worker")
    start(started, "dask-scheduler")
    assert set(stock_workers()) - before == stock
    (doubt,) = doubts()
    assert all(str(pid) in doubt.why for pid in stock)
    assert "ortprof worker" in (doubt.hint or "")
    (found,) = _workers()
    assert not found.available
