"""Requests of processes that are somebody else's: exact ones stay, others are inferred, each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.attribution.requests.known import KnownRequests, known_requests
from profiler.run.attached import Attached, MappedRuntime, Origin, Target
from profiler.run.cpu_budget import Cpus
from profiler.run.manifest import Host, Manifest, OrtBuild, PerfSettings
from profiler.run.processes import Pool, PoolRole, Process
from profiler.run.records import Recorded
from profiler.run.request import Request, RequestSource
from profiler.spec.waits import Waits
from profiler.trace.model import NONE, SWITCH_OUT
from tests.attribution.made_trace import COMPUTES, FRAMES, LOST, MS, make_counters
from tests.attribution.scheduling import away, scheduled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIRST, SECOND = 100, 200
CALLERS = {FIRST: 101, SECOND: 201}
WAITS = ((0, 10), (20, 100))
CPUS = Cpus(allowed=[0, 1], threads=1)


def marked(process: int, caller: int) -> Request:
    return Request(
        "profile", 12 * MS, 12 * MS, 18 * MS, None, process=process, caller=caller, source=RequestSource.MARKS
    )


def known(
    *exact: Request,
    attached: bool = True,
    places: bool = True,
    serving: bool = True,
    callers: Mapping[int, int] = CALLERS,
    waits: Sequence[tuple[int, int]] = WAITS,
    runtimes: Sequence[MappedRuntime] = (),
) -> KnownRequests:
    """Of two processes, each with a caller that works from 10 to 20 ms, and its pool of one worker."""
    targets = [
        Target(pid=pid, parent=1, command="x", threads=2, cpus=CPUS, runtimes=list(runtimes))
        for pid in callers
    ]
    processes = [
        Process(pid, [caller], [Pool(f"pool {pid}", PoolRole.INTRA_OP, [pid + 2], [caller])])
        for pid, caller in callers.items()
    ]
    events = [SWITCH_OUT] if places else []
    manifest = Manifest(
        run_id="1",
        complete=True,
        created="",
        attached=Attached("service", True, targets) if attached else None,
        cpus=CPUS,
        ort=OrtBuild("1.32.0", "/x.so", "none", "3.11"),
        host=Host("cpu", 2, 1, "6", "linux"),
        perf=PerfSettings("cpu-clock", 997, 8192, "6.1", Waits.TRACE if places else Waits.SWITCHES, events),
        process=processes[0],
        beside=processes[1:],
        ortprof="1",
    )
    trace = scheduled(
        [switch for caller in callers.values() for switch in away(caller, *waits)],
        [
            (begin, caller, SWITCH_OUT, NONE, LOST)
            for caller in callers.values()
            for begin, _ in waits
            if places
        ],
        [(15, caller, COMPUTES) for caller in callers.values() if serving],
    )
    counters = make_counters(dict.fromkeys(callers.values(), 5.0), 10.0)
    return known_requests(Recorded(manifest, {"profile": counters}, list(exact)), trace, FRAMES)


def test_requests_that_nobody_told_of_are_inferred_and_said_to_be() -> None:
    found = known()
    assert found.told
    assert [(r.process, r.caller, r.start_ns / MS, r.end_ns / MS) for r in found.recorded.requests] == [
        (FIRST, 101, 10, 20),
        (SECOND, 201, 10, 20),
    ]
    [doubt] = found.recorded.manifest.unavailable
    assert "2 are inferred from what 2 threads do" in doubt.why
    assert "ortprof marks" in doubt.hint


def test_a_process_that_marks_is_believed_and_the_other_inferred() -> None:
    found = known(marked(FIRST, 101))
    assert [(r.process, r.source) for r in found.recorded.requests] == [
        (FIRST, RequestSource.MARKS),
        (SECOND, RequestSource.INFERRED),
    ]


def test_a_thread_that_marks_and_was_not_seen_to_call_may_call_any_pool_of_its_process() -> None:
    manifest = known(marked(FIRST, 109)).recorded.manifest
    assert [(p.callers, [pool.callers for pool in p.pools]) for p in manifest.processes] == [
        ([101, 109], [[101, 109]]),
        ([201], [[201]]),
    ]


def test_a_process_of_which_nothing_but_marks_was_seen_has_its_callers() -> None:
    manifest = known(marked(300, 301)).recorded.manifest
    assert [(process.pid, process.callers) for process in manifest.processes][2:] == [(300, [301])]


def test_where_waits_have_no_places_nothing_is_known() -> None:
    found = known(places=False)
    assert not found.told
    assert found.recorded.requests == []
    [doubt] = found.recorded.manifest.unavailable
    assert (doubt.what, doubt.why) == ("requests of threads 101, 201", "where they wait was not recorded")
    assert "--waits trace" in doubt.hint


def test_that_there_were_none_is_known_too() -> None:
    found = known(serving=False)
    assert found.told
    assert (found.recorded.requests, found.recorded.manifest.unavailable) == ([], [])


def test_a_workload_of_ours_told_of_its_requests_itself() -> None:
    found = known(attached=False)
    assert found.told
    assert found.recorded.requests == []


def logged(start: int, end: int, caller: int | None = None) -> Request:
    return Request("profile", start * MS, start * MS, end * MS, None, caller=caller, source=RequestSource.LOG)


def test_a_logs_request_is_made_by_the_thread_that_was_busy_meanwhile() -> None:
    requests = known(logged(8, 21), logged(40, 50), logged(8, 21, caller=201)).recorded.requests
    assert [(request.process, request.caller) for request in requests] == [
        (FIRST, 101),
        (None, 201),
        (None, None),
    ]


def test_what_a_log_tells_is_not_inferred_beside_it() -> None:
    found = known(logged(8, 21))
    assert [request.source for request in found.recorded.requests] == [RequestSource.LOG]
    assert found.recorded.manifest.unavailable == []


def test_requests_of_other_phases_stay() -> None:
    measured = msgspec.structs.replace(marked(FIRST, 101), phase="measure")
    found = known(measured, marked(FIRST, 101)).recorded
    assert found.requests_of("measure") == [measured]
    assert len(found.requests_of("profile")) == 2


@pytest.mark.parametrize(("origin", "way"), [(Origin.NODE, "--probes"), (Origin.WHEEL, "ortprof marks")])
def test_one_thread_that_nothing_is_known_of_is_one_and_its_hint_is_its_processs(
    origin: Origin, way: str
) -> None:
    """Its waits are recorded, and none of them is one for work."""
    runtimes = [MappedRuntime("/x.so", origin, "1.30.0", None, "none")]
    [doubt] = known(callers={FIRST: 101}, waits=(), runtimes=runtimes).recorded.manifest.unavailable
    assert (doubt.what, doubt.why) == ("requests of thread 101", "no wait for work was seen")
    assert way in doubt.hint
    assert ("ortprof marks" in doubt.hint) == (origin is Origin.WHEEL)
