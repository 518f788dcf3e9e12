"""Requests that overlap: several callers of one session, several sessions in one process."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import psutil
import pytest

from . import onnx_files
from .client import Client, session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVER = 3600.0
SCHEDULED, START, END, CPU, CLOCK, CALLER, FED = range(7)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return onnx_files.write_small(tmp_path_factory.mktemp("models") / "small.onnx")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return onnx_files.write_slow(tmp_path_factory.mktemp("models") / "slow.onnx")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with Client(tmp_path / "log") as started:
        yield started


def overlaps(rows: list[list[int]]) -> bool:
    ordered = sorted(rows, key=lambda row: row[START])
    return any(before[END] > row[START] for before, row in itertools.pairwise(ordered))


def test_callers_are_threads_of_the_process(client: Client, small: Path) -> None:
    (opened,) = client.open(small, callers=3, threads=2)["sessions"]
    assert opened["callers"][0] == client.child.pid
    alive = {thread.id for thread in psutil.Process(client.child.pid).threads()}
    assert alive == {*opened["callers"], *opened["pools"][0]["tids"]}
    assert len(alive) == 4


def test_clients_of_a_closed_loop_overlap_and_none_overlaps_itself(client: Client, slow: Path) -> None:
    client.open(slow, callers=3)
    client.start("measure", 0.5, "closed")
    rows, _ = client.finish("measure")
    assert {row[CALLER] for row in rows} == {0, 1, 2}
    assert overlaps(rows)
    for caller in range(3):
        assert not overlaps([row for row in rows if row[CALLER] == caller])


def test_servers_of_an_open_loop_share_one_queue(client: Client, slow: Path) -> None:
    """Far more than one caller can serve: taken in the order of their schedule, none twice, none skipped."""
    client.open(slow, callers=4)
    start = client.start("measure", 0.02, rate=1000)
    rows, done = client.finish("measure")
    by_schedule = sorted(rows, key=lambda row: row[SCHEDULED])
    assert [row[SCHEDULED] - start for row in by_schedule] == [n * 1_000_000 for n in range(len(rows))]
    assert len(rows) + done["unserved"] == 20  # on the busiest machine the last have no second of grace left
    assert overlaps(rows)
    assert len({row[CALLER] for row in rows}) > 1
    for caller in range(4):
        mine = [row[SCHEDULED] for row in rows if row[CALLER] == caller]
        assert mine == sorted(mine)


def test_the_cpu_clock_telescopes_over_overlapping_requests(client: Client, slow: Path) -> None:
    client.open(slow, callers=3)
    client.start("measure", 0.3, "closed")
    rows, _ = client.finish("measure")
    clocks = sorted(row[CLOCK] for row in rows)
    ends = max(row[CLOCK] + row[CPU] for row in rows)
    assert clocks[0] < clocks[-1] <= ends
    wall = max(row[END] for row in rows) - min(row[START] for row in rows)
    assert ends - clocks[0] <= 1.01 * wall * (psutil.cpu_count() or 1)


@pytest.mark.parametrize("arrivals", ["fixed", "closed"])
def test_stop_reaches_every_caller(arrivals: str, client: Client, small: Path) -> None:
    client.open(small, callers=3)
    client.start("measure", EVER, arrivals, rate=1000.0)
    client.requests("measure")
    client.send(command="stop")
    assert client.finish("measure")[1]["stopped"] is True
    client.start("measure", 0.02, rate=100)
    assert len(client.finish("measure")[0]) == 2


def test_it_exits_when_its_parent_goes_while_callers_work(client: Client, slow: Path) -> None:
    client.open(slow, callers=3)
    client.start("measure", EVER, "closed")
    client.requests("measure")
    client.stdin.close()
    assert client.child.wait() == 0
    assert client.log.read_text() == ""


def test_enough_requests_are_enough_for_all_callers_together(client: Client, small: Path) -> None:
    client.open(small, callers=3)
    client.start("operators", EVER, "closed", requests=20)
    assert len(client.finish("operators")[0]) == 20


def files(tmp_path: Path, *widths: int) -> dict[str, Any]:
    """Sets of inputs of these widths, as an `open` command has them."""
    arrays: dict[str, Any] = {
        f"a{number}": np.zeros((width, 512), np.float32) for number, width in enumerate(widths)
    }
    np.savez(tmp_path / "inputs.npz", **arrays)
    return {"files": str(tmp_path / "inputs.npz"), "sets": [{"x": name} for name in arrays]}


def test_requests_are_fed_in_turn_or_drawn_by_the_seed(client: Client, small: Path, tmp_path: Path) -> None:
    client.open(small, callers=2, **files(tmp_path, 1, 2, 3))
    client.start("measure", 0.06, rate=100)
    rows, _ = client.finish("measure")
    assert [row[FED] for row in sorted(rows)] == [0, 1, 2, 0, 1, 2]
    drawn = session(small, order="drawn", **files(tmp_path, 1, 2, 3))
    client.send(command="open", sessions=[drawn])
    assert client.receive()["event"] == "ready"
    feeds = []
    for seed in (1, 1, 2):
        client.start("measure", 0.1, rate=200, seed=seed)
        feeds.append([row[FED] for row in client.finish("measure")[0]])
    assert feeds[0] == feeds[1] != feeds[2]


def test_an_inference_that_fails_on_any_caller_ends_the_phase(client: Client, tmp_path: Path) -> None:
    """The second set has a width that the model's other input does not fit."""
    model = onnx_files.write_misfit(tmp_path / "misfit.onnx")
    np.savez(tmp_path / "inputs.npz", good=np.zeros(2, np.float32), bad=np.zeros(3, np.float32))
    sets = [{"x": "good", "w": "good"}, {"x": "good", "w": "bad"}]
    client.open(model, callers=3, files=str(tmp_path / "inputs.npz"), sets=sets)
    client.start("measure", EVER, "fixed", rate=100)
    while (event := client.receive())["event"] == "requests":
        pass
    assert (event["event"], event["stage"]) == ("error", "inference")
    assert client.child.wait() == 1


def test_sessions_have_pools_callers_and_rates_of_their_own(client: Client, small: Path, slow: Path) -> None:
    command = {"sessions": [session(small, threads=3), session(slow, threads=2, callers=2)]}
    first, second = client.open_all(command)["sessions"]
    assert [len(pool["tids"]) for opened in (first, second) for pool in opened["pools"]] == [2, 1]
    assert len(second["callers"]) == 2
    assert not {*first["callers"]} & {*second["callers"]}
    fixed = [{"arrivals": "fixed", "rate": rate, "seed": 0} for rate in (100.0, 20.0)]
    client.start_all("measure", 0.2, fixed)
    rows, _ = client.finish("measure")
    assert sum(row[CALLER] == 0 for row in rows) == 20
    assert sum(row[CALLER] in (1, 2) for row in rows) == 4


@pytest.mark.skipif(
    not hasattr(onnxruntime, "set_global_thread_pool_sizes"), reason="this ONNX Runtime's API has none"
)
def test_a_global_pool_is_everybodys(client: Client, small: Path, slow: Path) -> None:
    sessions = [session(small, threads=3), session(slow, threads=3)]
    ready = client.open_all({"sessions": sessions, "global_pool": {"threads": 3, "inter_op_threads": 1}})
    assert [(pool["role"], len(pool["tids"])) for pool in ready["pools"]] == [("global", 2)]
    assert [opened["pools"] for opened in ready["sessions"]] == [[], []]
    alive = {thread.id for thread in psutil.Process(client.child.pid).threads()}
    callers = [tid for opened in ready["sessions"] for tid in opened["callers"]]
    assert alive == {*callers, *ready["pools"][0]["tids"]}


def test_parallel_execution_has_two_pools_told_apart(client: Client, small: Path) -> None:
    (opened,) = client.open(small, threads=4, execution_mode="parallel", inter_op_threads=3)["sessions"]
    assert [(pool["role"], len(pool["tids"])) for pool in opened["pools"]] == [
        ("intra-op", 3),
        ("inter-op", 2),
    ]
