"""What the workload opened, as a run records it."""

from __future__ import annotations

import os

import pytest

from profiler.record.subject.events import OpenedPool, OpenedSession, Ready
from profiler.record.subject.opened import fed_of, process_of, processes_of, session_ids
from profiler.run.fed import Fed, FedSet, FedTensor
from profiler.run.processes import PoolRole
from profiler.spec.inputs import Order

HASH = "0" * 64
FED = Fed(
    Order.CYCLED, HASH, [FedTensor("x", "tensor(float)", "made up: ones")], [FedSet(HASH, {"x": [2, 3]})]
)
ME = os.getpid()


def opened(*callers: int, pools: tuple[OpenedPool, ...] = ()) -> OpenedSession:
    return OpenedSession(list(callers), list(pools), FED, 1)


def test_a_second_session_of_a_model_has_a_name_of_its_own() -> None:
    assert session_ids(["a", "b", "a", "a"]) == ["a", "b", "a#2", "a#3"]


def test_pools_are_named_after_sessions_where_there_are_several() -> None:
    pool = OpenedPool(PoolRole.INTRA_OP, [ME])
    alone = process_of(ME, Ready([], [opened(ME, pools=(pool,))]), ["a"])
    assert [(p.id, p.tids, p.callers) for p in alone.pools] == [("intra-op", [ME], [ME])]
    both = process_of(ME, Ready([], [opened(ME, pools=(pool,)), opened(ME)]), ["a", "b"])
    assert [p.id for p in both.pools] == ["intra-op a"]
    assert [(s.id, s.pools) for s in both.sessions] == [("a", ["intra-op a"]), ("b", [])]


def test_a_global_pool_serves_all() -> None:
    ready = Ready([OpenedPool(PoolRole.GLOBAL, [ME])], [opened(ME), opened(ME)])
    process = process_of(ME, ready, ["a", "b"])
    assert [s.pools for s in process.sessions] == [["global"], ["global"]]
    assert process.pools[0].callers == [ME, ME]


def test_pool_threads_that_have_ended_are_left_out_and_callers_must_be_there() -> None:
    gone = 2**22 + 5
    ready = Ready([], [opened(ME, pools=(OpenedPool(PoolRole.INTRA_OP, [ME, gone]),))])
    assert process_of(ME, ready, ["a"]).pool_tids == [ME]
    with pytest.raises(ProcessLookupError, match="a calling thread"):
        process_of(ME, Ready([], [opened(gone)]), ["a"])


def test_what_sessions_are_fed_with_bears_their_names() -> None:
    fed = fed_of(Ready([], [opened(ME), opened(ME)]), ["a", "a"])
    assert [(one.model, one.digest.made_up) for one in fed] == [("a", ["x"]), ("a#2", ["x"])]


def test_ids_of_several_processes_begin_with_its_number() -> None:
    ready = Ready([], [opened(ME, pools=(OpenedPool(PoolRole.INTRA_OP, [ME]),))])
    one, other = processes_of([ME, ME], [ready, ready], ["a"])
    assert ([pool.id for pool in one.pools], [session.id for session in one.sessions]) == (
        ["1/intra-op"],
        ["1/a"],
    )
    assert other.sessions[0].pools == ["2/intra-op"]
    (alone,) = processes_of([ME], [ready], ["a"])
    assert alone.pools[0].id == "intra-op"
