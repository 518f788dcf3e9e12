from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.attribution.pools.inferred import pool_names, with_observed_pools
from profiler.run.attached import Attached, Target
from profiler.run.cpu_budget import Cpus
from profiler.run.injected import Injected
from profiler.run.manifest import Host, Manifest, OrtBuild
from profiler.run.processes import Process
from profiler.run.records import Recorded
from profiler.run.request import Request, RequestSource
from tests.attribution.made_trace import COMPUTES, FRAMES, LONE, MS, POLLS, make_counters
from tests.attribution.scheduling import scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = 100, 200
CPUS = Cpus(allowed=[0, 1], threads=1)


def recorded(threads: Sequence[int], *, attached: bool = True) -> Recorded:
    """A run of two processes; the threads 1xx are the first one's, in the order of their creation."""
    counters = make_counters(dict.fromkeys(threads, 5.0), 5.0 * len(threads), end_ms=1000)
    mine = {
        tid: msgspec.structs.replace(thread, process=tid // 100 * 100, started_ticks=7)
        for tid, thread in counters.end.threads.items()
    }
    counters = msgspec.structs.replace(counters, end=msgspec.structs.replace(counters.end, threads=mine))
    targets = [Target(pid=pid, parent=1, command="python", threads=3, cpus=CPUS) for pid in (FIRST, SECOND)]
    manifest = Manifest(
        run_id="1",
        complete=True,
        created="",
        attached=Attached("service", True, targets) if attached else None,
        cpus=CPUS,
        ort=OrtBuild("1.32.0", "/x.so", "none", "3.11"),
        host=Host("cpu", 2, 1, "6", "linux"),
        process=Process(FIRST, [], []),
        ortprof="1",
    )
    return Recorded(manifest, {"profile": counters}, [])


def test_each_processes_pools_are_its_own() -> None:
    """Neighbours by number, of two processes: one pool each, whenever they work."""
    threads = [FIRST, 101, 102, SECOND, 201, 202]
    times = range(0, 1000, 50)
    samples = [(at + 2, tid, POLLS) for tid in (101, 102, 201, 202) for at in times]
    samples += [(at + 1, caller, COMPUTES) for caller in (FIRST, SECOND) for at in times]
    samples += [(at + 1, worker, LONE) for worker in (101, 102, 201, 202) for at in times]
    seen = with_observed_pools(recorded(threads), scheduled([], [], sorted(samples)), FRAMES).manifest
    assert [
        (process.pid, process.callers, pool.id, pool.tids, pool.callers)
        for process in seen.processes
        for pool in process.pools
    ] == [
        (FIRST, [FIRST], "pool A", [101, 102], [FIRST]),
        (SECOND, [SECOND], "pool B", [201, 202], [SECOND]),
    ]
    assert all(pool.evidence for pool in seen.threads.pools)
    assert seen.cpus is not None
    assert seen.cpus.threads == 6, "of all pools, with a caller each"
    assert seen.unavailable == []


def test_a_thread_that_marks_its_requests_is_no_worker() -> None:
    threads = [FIRST, 101, 102]
    samples = [(at, tid, POLLS) for tid in threads for at in range(0, 1000, 50)]
    marked = Request("profile", 0, 0, MS, None, process=FIRST, caller=102, source=RequestSource.MARKS)
    run = dataclasses.replace(recorded(threads), requests=[marked])
    seen = with_observed_pools(run, scheduled([], [], sorted(samples)), FRAMES).manifest
    assert [pool.tids for pool in seen.threads.pools] == [[101]]


def test_workers_that_can_not_be_placed_are_a_doubt() -> None:
    threads = [FIRST, 101, 102, 103, 104]
    early, late = range(0, 1000, 50), range(20, 1000, 70)
    samples = [(at, tid, POLLS) for tid in threads[1:] for at in (3, 507, 991)]
    samples += [(at + 1, 101, LONE) for at in early] + [(at + 1, 104, LONE) for at in late]
    seen = with_observed_pools(recorded(threads), scheduled([], [], sorted(samples)), FRAMES).manifest
    [doubt] = seen.unavailable
    assert "102, 103" in doubt.why
    assert seen.cpus is not None
    assert seen.cpus.threads == 5, "they are workers, whichever pool's"


def test_a_workload_that_told_of_its_pools_stays_as_it_is() -> None:
    told = recorded([FIRST], attached=False)
    assert with_observed_pools(told, scheduled([]), FRAMES) is told


@pytest.mark.parametrize(
    ("number", "name"), [(0, "pool A"), (25, "pool Z"), (26, "pool AA"), (77, "pool ZZZ")]
)
def test_pools_have_letters(number: int, name: str) -> None:
    assert next(itertools.islice(pool_names(), number, None)) == name


@pytest.mark.parametrize(
    ("sessions", "unreached", "pools"),
    [(1, [], [[101, 102, 103, 104]]), (2, [], [[101, 102], [103, 104]]), (1, [7], [[101, 102], [103, 104]])],
)
def test_sessions_that_were_given_settings_bound_the_pools(
    sessions: int, unreached: list[int], pools: list[list[int]]
) -> None:
    run = recorded([FIRST, 101, 102, 103, 104])
    injected = Injected(settings=[], sessions=sessions, unreached=unreached)
    manifest = msgspec.structs.replace(run.manifest, injected=injected)
    samples = [(at, tid, POLLS) for tid in (101, 102, 103, 104) for at in (3, 507, 991)]
    for tids, times in (((101, 102), range(0, 1000, 50)), ((103, 104), range(20, 1000, 70))):
        samples += [(at + 1, tid, LONE) for tid in tids for at in times]
    trace = scheduled([], [], sorted(samples))
    seen = with_observed_pools(Recorded(manifest, run.counters, []), trace, FRAMES).manifest
    assert [pool.tids for pool in seen.threads.pools] == pools
