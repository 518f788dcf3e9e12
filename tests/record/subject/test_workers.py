"""Several processes of one service: one queue, one phase, one end."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from profiler.errors import WorkloadError
from profiler.record.subject.start import Start
from profiler.record.subject.workers import Workers
from tests.workload.client import opening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from profiler.record.subject.events import ServedRow
    from profiler.run.manifest import Phase

EVER = 3600.0
RATE = 200.0


def nothing() -> None:
    """Wait without doing anything."""


class Seen:
    """Rows by process."""

    def __init__(self, processes: int) -> None:
        self.rows: list[list[ServedRow]] = [[] for _ in range(processes)]

    def add(self, number: int, rows: Sequence[ServedRow]) -> None:
        self.rows[number] += rows

    @property
    def all(self) -> list[ServedRow]:
        return [row for rows in self.rows for row in rows]


def pass_phase(workers: Workers, seconds: float, seen: Seen, arrivals: str = "fixed") -> Phase:
    return workers.run(
        "measure",
        {"seconds": seconds, "loads": [{"arrivals": arrivals, "rate": RATE, "seed": 0}]},
        on_wait=nothing,
        on_rows=seen.add,
        stop_requested=lambda: bool(seconds == EVER and all(seen.rows)),
    )


@pytest.fixture
def workers(tmp_path: Path, small: Path) -> Iterator[Workers]:
    started = Workers(Start(sys.executable), tmp_path / "log", 2)
    with started:
        started.hello(nothing)
        ready = started.open(opening(small, threads=2), nothing)
        assert [len(said.sessions) for said in ready] == [1, 1]
        yield started
    assert not any(psutil.pid_exists(workload.pid) for workload in started.all)
    assert [entry.name for entry in tmp_path.iterdir()] == ["log"]


@pytest.mark.parametrize("arrivals", ["fixed", "poisson"])
def test_each_request_of_the_schedule_is_served_once(workers: Workers, arrivals: str) -> None:
    seen, again = Seen(2), Seen(2)
    phase = pass_phase(workers, 0.5, seen, arrivals)
    due = sorted(row.scheduled_ns - phase.start_ns for row in seen.all)
    assert len(set(due)) == len(due) > RATE / 4
    assert all(seen.rows), "both served"
    if arrivals == "fixed":
        assert due == [number * 5_000_000 for number in range(100)]
    assert all(row.start_ns >= phase.start_ns for row in seen.all)
    assert phase.end_ns >= phase.start_ns + 500_000_000
    second = pass_phase(workers, 0.5, again, arrivals)
    assert sorted(row.scheduled_ns - second.start_ns for row in again.all) == due


def test_a_stop_ends_the_phase_in_all(workers: Workers) -> None:
    assert pass_phase(workers, EVER, Seen(2)).stopped is True
    assert pass_phase(workers, 0.05, Seen(2), "closed").stopped is False


def test_one_that_is_killed_ends_the_run_and_the_others(tmp_path: Path, small: Path) -> None:
    victim: list[int] = []

    def kill(number: int, _rows: Sequence[ServedRow]) -> None:
        if number == 1 and not victim:
            victim.append(number)
            os.kill(started.all[1].pid, signal.SIGKILL)

    def serve() -> None:
        with started:
            started.hello(nothing)
            started.open(opening(small), nothing)
            loads = [{"arrivals": "closed", "rate": 1.0, "seed": 0}]
            command = {"seconds": EVER, "loads": loads}
            started.run("measure", command, on_wait=nothing, on_rows=kill, stop_requested=lambda: False)

    started = Workers(Start(sys.executable), tmp_path / "log", 2)
    with pytest.raises(WorkloadError, match="killed by SIGKILL while running the measure phase"):
        serve()
    assert victim
    assert not any(psutil.pid_exists(workload.pid) for workload in started.all)


def test_a_look_up_that_finds_nobody_says_which_ended_and_how(tmp_path: Path) -> None:
    started = Workers(Start(sys.executable), tmp_path / "log", 2)

    def look_up() -> None:
        with started:
            started.hello(nothing)
            os.kill(started.all[1].pid, signal.SIGKILL)
            raise ProcessLookupError

    with pytest.raises(WorkloadError, match="killed by SIGKILL"):
        look_up()
