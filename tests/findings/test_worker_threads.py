from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.findings.verdict import verdict
from profiler.findings.worker_threads import oversubscription, what_to_set
from profiler.run.parts import ProcessFigures
from profiler.run.sections.load_section import CpuBudget
from tests.summaries import made_summary

if TYPE_CHECKING:
    from profiler.run.summary import Summary


def service(workers: int, threads: int, cpus: int = 2) -> Summary:
    figures = [
        ProcessFigures(pid=pid, command="", ort="1.32.0", callers=1, pools=[], threads=threads)
        for pid in range(1, workers + 1)
    ]
    budget = CpuBudget(allowed=list(range(cpus)), threads=workers * threads, usable=cpus)
    return made_summary(processes=figures, cpus=budget)


def test_threads_in_all_are_held_against_the_cpus() -> None:
    summary = service(4, 2)
    (said,) = oversubscription(summary)
    assert said.startswith(
        "4 processes, each with a pool of its own, have 8 threads that compute or poll, 2 each,"
    )
    assert said.endswith("for 2.00 CPU (affinity and cpuset leave 2).")
    (to_set,) = what_to_set(summary)
    assert to_set.startswith("Set intra_op_num_threads to 1 in each of the 4 processes (--threads 1);")
    assert "2 processes would do to keep 2.00 CPU busy." in to_set
    assert to_set in verdict(summary).text


def test_workers_of_one_thread_have_no_pools() -> None:
    (said,) = oversubscription(service(4, 1))
    assert said.startswith("4 processes have 4 threads that compute or poll, 1 each,")


def test_where_there_are_cpus_for_all_each_may_have_its_share() -> None:
    (to_set,) = what_to_set(service(4, 8, cpus=16))
    assert to_set.startswith(
        "Set intra_op_num_threads to 4 in each of the 4 processes (--threads 4): then all"
    )


@pytest.mark.parametrize("summary", [service(1, 4), service(4, 1), service(2, 4, cpus=8)])
def test_one_process_no_pools_or_enough_cpus_need_nothing_set(summary: Summary) -> None:
    assert what_to_set(summary) == []
