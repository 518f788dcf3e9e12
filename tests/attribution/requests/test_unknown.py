"""Pools that worked for requests that nobody knows: what they did is not counted as others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.cpu.attribute import attribute
from profiler.attribution.requests.known import KnownRequests
from profiler.attribution.requests.unknown import without_requests
from profiler.run.attached import Attached, Target
from profiler.run.cpu_budget import Cpus
from profiler.run.manifest import Host, Manifest, OrtBuild
from profiler.run.processes import Pool, PoolRole, Process
from profiler.run.records import Recorded
from profiler.run.request import Request, RequestSource
from tests.attribution.made_trace import COMPUTES, FRAMES, LONE, MS, POLLS, make_counters
from tests.attribution.scheduling import scheduled

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST, SECOND = 1, 2
POOLS = [
    Pool("pool A", PoolRole.INTRA_OP, [11], [FIRST], evidence=["creation order"]),
    Pool("pool B", PoolRole.INTRA_OP, [21], [SECOND], evidence=["creation order"]),
]
LENGTH = 60
"""Milliseconds of each request."""
CPUS = Cpus(allowed=[0, 1], threads=1)


def told(
    *callers: int, samples: Sequence[tuple[int, int]], untold: tuple[int, ...] = (), attached: bool = True
) -> list[str]:
    """Of a process of two pools with a request by each of some callers; samples are (thread, stack)."""
    target = Target(pid=FIRST, parent=1, command="python", threads=4, cpus=CPUS)
    process = Process(FIRST, [FIRST, SECOND, *untold], POOLS)
    manifest = Manifest(
        run_id="1",
        complete=True,
        created="",
        attached=Attached("two", False, [target]) if attached else None,
        ort=OrtBuild("1.32.0", "/x.so", "none", "3.11"),
        host=Host("cpu", 2, 1, "6", "linux"),
        process=process,
        ortprof="1",
    )
    requests = [
        Request(
            "profile", 0, 0, LENGTH * MS, None, process=FIRST, caller=caller, source=RequestSource.INFERRED
        )
        for caller in callers
    ]
    counters = make_counters(dict.fromkeys((11, 21), 10.0), 20.0)
    trace = scheduled([], [], [(at, *sample) for at, sample in enumerate(samples)])
    attribution = attribute(trace, FRAMES, process, counters, requests, user_only=False)
    known = KnownRequests(Recorded(manifest, {"profile": counters}, requests), told=True, untold=untold)
    return without_requests(known, attribution, trace, FRAMES)


BOTH = [(11, COMPUTES), (21, COMPUTES)] * 6


def test_a_pool_that_worked_and_has_no_request_is_named() -> None:
    assert told(FIRST, samples=BOTH) == ["pool B"]
    assert told(FIRST, SECOND, samples=BOTH) == []
    assert told(FIRST, samples=[(11, LONE), (21, LONE)] * 6) == ["pool B"], "kernels in assembly"
    assert told(samples=BOTH) == [], "without any request there are no figures a request"
    assert told(FIRST, samples=BOTH, attached=False) == []


def test_a_pool_that_did_no_work_needs_no_request() -> None:
    assert told(FIRST, samples=[(11, COMPUTES), (21, POLLS)] * 6) == []
    assert told(FIRST, samples=[*BOTH[:4], *([(11, COMPUTES)] * 9)]) == [], "a request that was cut off"


def test_a_caller_that_never_waits_for_work_leaves_its_pool_unknown() -> None:
    busy = [*BOTH, *([(SECOND, COMPUTES), (31, COMPUTES)] * 6)]
    assert told(FIRST, samples=busy, untold=(SECOND,)) == ["pool B"]
    assert told(FIRST, SECOND, samples=busy, untold=(31,)) == ["thread 31"]
    assert told(FIRST, SECOND, samples=BOTH, untold=(31,)) == [], "it ran for a moment"


def test_work_that_is_mostly_outside_the_requests_that_are_known_is_for_others() -> None:
    """Of a pool that was given a caller because nobody was seen to call it."""
    before, after = [(11, COMPUTES), (21, COMPUTES)] * (LENGTH // 2), [(21, COMPUTES)] * 35
    assert told(FIRST, SECOND, samples=before + after) == ["pool B"]
    assert told(FIRST, SECOND, samples=before + after[:10]) == []
