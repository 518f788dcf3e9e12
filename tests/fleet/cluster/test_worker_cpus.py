"""A worker keeps off its runs' CPUs where it is told which these are, and never takes others'."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from profiler.errors import UsageError
from profiler.fleet.cluster.worker_cpus import WorkerCpus, divided, keep_to, starting_on
from profiler.run.cpu_budget import cpu_list, parse_cpu_list

MINE = frozenset(os.sched_getaffinity(0))
WHERE = "import os; print(*os.sched_getaffinity(0))"
several = pytest.mark.skipif(len(MINE) < 2, reason="one CPU can't be divided")


@pytest.mark.parametrize(("text", "cpus"), [("0", {0}), ("0-2,5", {0, 1, 2, 5}), (" 3 , 3", {3})])
def test_a_list_is_read_as_the_kernel_writes_it(text: str, cpus: set[int]) -> None:
    assert parse_cpu_list(text) == cpus
    assert parse_cpu_list(cpu_list(cpus)) == cpus


@pytest.mark.parametrize("text", ["", "a", "2-1", "-1", "1,,2", "0-99999999", "1.5"])
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="numbers of CPUs"):
        parse_cpu_list(text)


def test_without_a_wish_both_have_all() -> None:
    assert divided(None) == divided(MINE) == WorkerCpus(MINE, MINE)
    assert divided(None).words.endswith("which it uses too")


@several
def test_the_worker_has_what_runs_have_not() -> None:
    first = min(MINE)
    cpus = divided({first})
    assert cpus.runs == {first}
    assert cpus.own == MINE - {first}
    assert cpus.words == f"its runs have CPU {first}, it keeps to CPU {cpu_list(MINE - {first})}"


def test_cpus_of_others_are_not_taken() -> None:
    with pytest.raises(UsageError, match="--cpus 9999: there is no CPU 9999"):
        divided({9999})


@several
def test_threads_stay_and_children_go_to_the_runs_cpus() -> None:
    first = min(MINE)
    ready, done = threading.Event(), threading.Event()
    seen: list[set[int]] = []

    def wait() -> None:
        ready.set()
        done.wait(10)
        seen.append(os.sched_getaffinity(0))

    thread = threading.Thread(target=wait)
    thread.start()
    ready.wait(10)
    try:
        keep_to(MINE - {first})
        with starting_on({first}):
            child = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, check=True)
        assert child.stdout.split() == [str(first)]
        assert os.sched_getaffinity(0) == MINE - {first}
    finally:
        keep_to(MINE)
        done.set()
        thread.join()
    assert seen == [MINE]
