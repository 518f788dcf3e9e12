"""Each thread is concerned by its own requests: a pool by those it serves, a caller by those it makes."""

from __future__ import annotations

import numpy as np

from profiler.attribution.cpu.attribute import in_flight
from profiler.attribution.requests.served import served_rows
from profiler.run.processes import Pool, PoolRole, Process
from profiler.run.request import Request

A, B, OF_A, OF_B, BOTH, OTHER = 1, 2, 11, 12, 13, 99
POOLS = [
    Pool("a", PoolRole.INTRA_OP, [OF_A], [A]),
    Pool("b", PoolRole.INTRA_OP, [OF_B], [B]),
    Pool("global", PoolRole.GLOBAL, [BOTH], [A, B]),
]
PROCESS = Process(A, [A, B], POOLS)
REQUESTS = [Request("profile", 0, 0, 10, 0, caller=A), Request("profile", 5, 5, 20, 0, caller=B)]


def flying(*tids: int, at: int) -> list[bool]:
    tid = np.array(tids)
    busy: list[bool] = in_flight(np.full(tid.shape, at), tid, PROCESS, REQUESTS).tolist()
    return busy


def test_what_overlaps_is_told_apart_by_thread() -> None:
    everybody = (A, OF_A, B, OF_B, BOTH, OTHER)
    assert flying(*everybody, at=2) == [True, True, False, False, True, True]
    assert flying(*everybody, at=7) == [True] * 6
    assert flying(*everybody, at=15) == [False, False, True, True, True, True]
    assert flying(*everybody, at=25) == [False] * 6


def test_every_row_is_there_once() -> None:
    tid = np.array([A, OF_A, OTHER, B, BOTH, OF_B, A])
    rows = np.sum([mine for mine, _ in served_rows(tid, PROCESS, REQUESTS)], axis=0)
    assert rows.tolist() == [1] * 7


def test_runs_that_named_no_caller_have_one() -> None:
    process = Process(A, [A], [Pool("intra-op", PoolRole.INTRA_OP, [OF_A])])
    requests = [Request("profile", 0, 0, 10, 0)]
    tid = np.array([A, OF_A])
    assert in_flight(np.array([5, 5]), tid, process, requests).tolist() == [True, True]
