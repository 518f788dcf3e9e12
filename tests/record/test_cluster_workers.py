from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from profiler.record.cluster_workers import MODULE, TUNED, doubts, stock_workers
from profiler.record.examination import _workers

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
    (found,) = [examined for examined in _workers() if not examined.available]
    assert all(str(pid) in found.detail for pid in stock)


def test_a_worker_of_ours_says_where_it_keeps(started: list[subprocess.Popen[bytes]]) -> None:
    alone = start(started, "ortprof", "worker", "tcp://host:1", "--cpus", "0")
    shares = start(started, "profiler.cli", "worker", "tcp://host:1")
    start(started, "ortprof", "sweep", "worker")
    cpu = max(os.sched_getaffinity(0))
    os.sched_setaffinity(alone, {cpu})
    said = [examined.detail for examined in _workers() if examined.available]
    assert f"`ortprof worker` (process {alone}) keeps to CPU {cpu}, off its runs'" in said
    assert f"`ortprof worker` (process {shares}) shares its runs' CPUs" in said
    assert not any(str(started[-1].pid) in words for words in said)
