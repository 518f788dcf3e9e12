"""Requests on schedule: what a phase's rows say, and that they can be believed."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest

from profiler.workload.arrivals import gaps_ns

from . import onnx_files
from .client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

EVER = 3600.0


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A workload with a fast model, open for phases."""
    folder = tmp_path_factory.mktemp("fast")
    with Client(folder / "log") as started:
        assert started.open(onnx_files.write_small(folder / "m.onnx"))["event"] == "ready"
        yield started


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A workload with a model that takes milliseconds, open for phases."""
    folder = tmp_path_factory.mktemp("slow")
    with Client(folder / "log") as started:
        assert started.open(onnx_files.write_slow(folder / "m.onnx"))["event"] == "ready"
        yield started


def test_fixed_requests_are_scheduled_every_period(client: Client) -> None:
    start = client.start("measure", 0.1, rate=100)
    rows, done = client.finish("measure")
    assert [scheduled - start for scheduled, *_ in rows] == [n * 10_000_000 for n in range(10)]
    assert done["stopped"] is False
    assert done["end_ns"] >= start + 100_000_000


def test_poisson_requests_are_scheduled_by_the_seed(client: Client) -> None:
    start = client.start("measure", 0.2, "poisson", rate=100, seed=7)
    rows, _ = client.finish("measure")
    due = itertools.takewhile(lambda at: at < 200_000_000, itertools.accumulate(gaps_ns("poisson", 100, 7)))
    assert [scheduled - start for scheduled, *_ in rows] == list(due)


@pytest.mark.parametrize("arrivals", ["fixed", "poisson", "closed"])
def test_times_are_in_order_and_of_the_monotonic_clock(arrivals: str, client: Client) -> None:
    before = time.monotonic_ns()
    start = client.start("measure", 0.05, arrivals, rate=200)
    rows, done = client.finish("measure")
    after = time.monotonic_ns()
    assert rows
    times = [before, start, *(at for row in rows for at in row[1:3]), done["end_ns"], after]
    assert times == sorted(times), "one request at a time, none before its phase or after"
    assert all(scheduled <= started for scheduled, started, *_ in rows)


def test_cpu_time_is_that_of_the_request(slow: Client) -> None:
    slow.start("measure", 0.2, "closed")
    rows, _ = slow.finish("measure")
    wall = sum(end - start for _, start, end, *_ in rows)
    cpu = sum(row[3] for row in rows)
    assert 0 < cpu <= 1.01 * wall, "one thread has no more CPU time than wall time"
    # All that the model does is compute; how much of the wall time it got is for the machine to say.
    assert all(row[3] > 100_000 for row in rows), "1.1 GFLOP can't be done in 0.1 ms of one core"


def test_the_cpu_clock_counts_what_happens_between_requests_too(slow: Client) -> None:
    slow.start("measure", 0.2, rate=50)
    rows, _ = slow.finish("measure")
    for before, after in itertools.pairwise(rows):
        assert before[4] + before[3] <= after[4]


def test_an_overloaded_open_loop_shows_its_late_starts(slow: Client) -> None:
    """At 2000 requests a second, each is due long before the one before it has ended.

    Ten of them: all but the busiest machine starts the last within the phase's second of grace.
    """
    seconds, rate = 0.005, 2000
    start = slow.start("measure", seconds, rate=rate)
    rows, done = slow.finish("measure")
    served = len(rows)
    assert served + done["unserved"] == 10, "none is dropped unsaid"
    assert [scheduled - start for scheduled, *_ in rows] == [n * 500_000 for n in range(served)]
    service = [end - started for _, started, end, *_ in rows]
    assert min(service) > 500_000, "the model is slower than the schedule"
    late = [started - scheduled for scheduled, started, *_ in rows]
    assert late == sorted(late), "lateness only grows"
    assert late[-1] >= sum(service[:-1]) - (served - 1) * 500_000, "all the waiting behind others is in it"
    latency = [end - scheduled for scheduled, _, end, *_ in rows]
    assert latency[-1] == late[-1] + service[-1]
    assert done["end_ns"] - start > seconds * 1e9


def test_a_backlog_does_not_keep_a_phase_going(slow: Client) -> None:
    """Two thousand are due in a second; each takes milliseconds."""
    seconds, rate = 1.0, 2000
    start = slow.start("measure", seconds, rate=rate)
    rows, done = slow.finish("measure")
    assert done["unserved"] > 0
    assert len(rows) + done["unserved"] == seconds * rate
    assert rows[-2][2] < start + 2 * 1e9, "the last was taken after this one's end, and in time"
    assert done["stopped"] is False


def test_a_closed_loop_waits_for_the_service(slow: Client) -> None:
    start = slow.start("measure", 0.1, "closed", rate=1e6)
    rows, done = slow.finish("measure")
    for before, row in itertools.pairwise(rows):
        assert before[2] <= row[0], "scheduled once the one before has ended"
    assert rows[-1][0] < start + 100_000_000 <= done["end_ns"]
    late = sorted(started - scheduled for scheduled, started, *_ in rows)
    assert late[len(late) // 2] < 500_000, "so it is never late, but for what the scheduler takes"


def test_a_phase_of_no_length_is_done_at_once(client: Client) -> None:
    for arrivals in ("fixed", "poisson", "closed"):
        client.start("measure", 0.0, arrivals)
        assert client.finish("measure")[0] == []


@pytest.mark.parametrize(("arrivals", "rate"), [("fixed", 1e-6), ("fixed", 1e3), ("closed", 1.0)])
def test_stop_ends_a_phase_early_and_keeps_its_requests(arrivals: str, rate: float, client: Client) -> None:
    client.start("measure", EVER, arrivals, rate)
    first = client.requests("measure")
    client.send(command="stop")
    rows, done = client.finish("measure")
    assert done["stopped"] is True
    rows = first + rows
    assert rows[0][0] <= rows[0][1]
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})


def test_stop_reaches_an_overloaded_phase(slow: Client) -> None:
    slow.start("measure", EVER, rate=1e5)
    slow.requests("measure")
    slow.send(command="stop")
    assert slow.finish("measure")[1]["stopped"] is True


def test_a_stop_that_comes_too_late_does_not_touch_the_next_phase(client: Client) -> None:
    client.start("warmup", 0.0)
    client.finish("warmup")
    client.send(command="stop")
    client.start("measure", 0.02, rate=100)
    rows, done = client.finish("measure")
    assert (len(rows), done["stopped"]) == (2, False)


def test_requests_are_reported_while_the_phase_runs(client: Client) -> None:
    start = client.start("measure", EVER, rate=100)
    first, second = client.requests("measure"), client.requests("measure")
    client.send(command="stop")
    client.finish("measure")
    assert len(first) == 1, "the first at once, so that somebody who watches sees it work"
    assert second[-1][2] - start > 0.15e9, "then seldom: writing costs the process under test CPU time"
