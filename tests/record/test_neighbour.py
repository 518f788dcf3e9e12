"""The program beside a service: it computes steadily, says how much, and goes with whoever started it."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from profiler.errors import MachineError
from profiler.record.neighbour import PROGRAM, NeighbourProcesses, alone_seconds, between, wait

CPUS = sorted(os.sched_getaffinity(0))


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if str(PROGRAM) in child.cmdline()]


def test_it_computes_on_each_cpu_until_the_end() -> None:
    with NeighbourProcesses(CPUS) as neighbour:
        started = children()
        assert len(started) == len(neighbour) == len(CPUS)
        assert all(child.cpu_affinity() == CPUS for child in started)
        before = neighbour.read()
        wait(0.3, lambda: False)
        stretch = between(before, neighbour.read())
    assert stretch.wall_ns >= 300_000_000
    assert stretch.units > 0
    assert 0 < stretch.cpus <= len(CPUS) * 1.05
    assert stretch.rate == pytest.approx(stretch.units / stretch.wall_ns * 1e9)
    assert not any(child.is_running() for child in started)


def test_work_takes_the_same_cpu_time_whatever_else_runs() -> None:
    """So its throughput says how much of the CPUs it had."""
    with NeighbourProcesses(CPUS[:1]) as neighbour:
        readings = [neighbour.read()]
        for _ in range(2):
            wait(0.4, lambda: False)
            readings.append(neighbour.read())
        first, second = itertools.starmap(between, itertools.pairwise(readings))
    # But for what shares the core with its CPU, which may halve it.
    assert 0.4 < (first.units / first.cpu_ns) / (second.units / second.cpu_ns) < 2.5


def test_one_that_is_killed_is_said() -> None:
    with NeighbourProcesses(CPUS[:1]) as neighbour:
        neighbour.read()
        os.kill(children()[0].pid, signal.SIGKILL)
        with pytest.raises(MachineError, match="the neighbour ended, or was killed"):
            neighbour.read()


def test_it_goes_with_whoever_started_it() -> None:
    """Also where that was killed: its standard input ends."""
    code = (
        "from profiler.record.neighbour import NeighbourProcesses\n"
        f"neighbour = NeighbourProcesses([{CPUS[0]}])\n"
        "neighbour.read()\n"
        "print(neighbour._all[0].child.pid, flush=True)\n"
        "input()\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert psutil.pid_exists(pid)
        starter.kill()
    deadline = time.monotonic() + 20
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_stop_cuts_waiting_short_and_it_is_watched_for_a_share_of_the_phase() -> None:
    since = time.monotonic()
    wait(3600, lambda: True)
    assert time.monotonic() - since < 10
    assert (alone_seconds(4), alone_seconds(40)) == (2.0, 10.0)
