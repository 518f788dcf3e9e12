from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.record.container.namespaces import inner_pid, outer_tids, parse_nspid
from tests.record.limit.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

STATUS = (
    "Name:\tpython3\nUmask:\t0022\nTgid:\t{0}\nPid:\t{0}\nNStgid:\t{0}\t1\nNSpid:\t{0}\t{1}\nThreads:\t4\n"
)
"""Of a thread in a container (Docker 20.10, Linux 6.18)."""
IN_A_CONTAINER = {
    "24424/status": STATUS.format(24424, 1),
    "24424/task/24424/status": STATUS.format(24424, 1),
    "24424/task/24462/status": STATUS.format(24462, 9),
    "24424/task/24463/status": STATUS.format(24463, 10),
}


def test_a_process_in_a_container_knows_itself_by_another_id(tmp_path: Path) -> None:
    proc = plant(tmp_path, IN_A_CONTAINER)
    assert inner_pid(24424, proc) == 1
    assert inner_pid(24425, proc) is None


def test_threads_of_a_container_by_the_ids_that_they_know(tmp_path: Path) -> None:
    assert outer_tids(24424, plant(tmp_path, IN_A_CONTAINER)) == {1: 24424, 10: 24463, 9: 24462}


def test_a_process_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ProcessLookupError, match="no process 5"):
        outer_tids(5, tmp_path)


def test_kernels_that_do_not_tell_have_no_namespaces(tmp_path: Path) -> None:
    proc = plant(tmp_path, {"7/status": "Pid:\t7\n", "7/task/7/status": "Pid:\t7\n"})
    assert inner_pid(7, proc) == 7
    assert outer_tids(7, proc) == {7: 7}


def test_our_own_threads_have_the_same_ids_inside_and_outside() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        mine = {threading.get_native_id(), thread.native_id or 0}
        assert {tid: outer_tids(os.getpid())[tid] for tid in mine} == {tid: tid for tid in mine}
        assert inner_pid(os.getpid()) == os.getpid()
    finally:
        stop.set()
        thread.join()


@settings(deadline=None)
@given(st.lists(st.integers(1, 2**22), min_size=1, max_size=32))
def test_nspid_has_an_id_for_each_namespace(ids: list[int]) -> None:
    line = "NSpid:" + "".join(f"\t{number}" for number in ids)
    assert parse_nspid(f"Name:\tNSpid: 1\n{line}\nNSpgid:\t3\n") == ids
