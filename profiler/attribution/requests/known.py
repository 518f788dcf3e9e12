"""What is known of a run's requests, where its processes are somebody else's: exact or inferred. Pure.

What a process marks, or a log tells, is exact; the requests of processes that say nothing are inferred. What
was recorded stays as it is: the analysis works on records that have both.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from profiler.attribution.pools.serving import with_serving_pools
from profiler.attribution.requests.inferred import InferredRequests, infer_requests
from profiler.run.doubt import Doubt
from profiler.run.processes import Process
from profiler.run.request import RequestSource
from profiler.trace.model import SWITCH_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.rules.chains import Frame
    from profiler.run.records import Recorded
    from profiler.run.request import Request
    from profiler.trace.model import Trace

PHASE = "profile"
MARK = "mark them (`ortprof marks`; docs/marks.md): then they are exact"


@dataclass(frozen=True, slots=True)
class KnownRequests:
    """A run's records with all requests that are known of."""

    recorded: Recorded
    told: bool
    """Whether the requests of the profile phase are known; where not, busy can't be told from idle."""
    cut: tuple[Request, ...] = ()
    """Requests of which the profile phase has a part: in flight, and nothing to take figures from."""


def known_requests(recorded: Recorded, trace: Trace, frames: Sequence[Frame]) -> KnownRequests:
    """Add what can be inferred to a run's records, which have the pools that were observed.

    `frames` are the rules' view of `trace.frames`.
    """
    manifest = recorded.manifest
    if manifest.attached is None:
        return KnownRequests(recorded, told=manifest.imported is None)
    supposed = _supposed(recorded, trace, frames)
    exact = [_with_caller(request, supposed) for request in recorded.requests_of(PHASE)]
    inferred = _of_silent(supposed, exact)
    first, *others = _with_callers(manifest.processes, exact)
    changed = msgspec.structs.replace(
        manifest,
        process=first,
        beside=others,
        unavailable=[*manifest.unavailable, *_doubts(inferred, recorded)],
    )
    pools = changed.threads.pools
    requests = with_serving_pools([*exact, *inferred.requests], pools, trace, frames)
    elsewhere = [request for request in recorded.requests if request.phase != PHASE]
    return KnownRequests(
        dataclasses.replace(recorded, manifest=changed, requests=[*elsewhere, *requests]),
        told=bool(exact or inferred.requests) or (_waits_have_places(recorded) and not inferred.untold),
        cut=tuple(with_serving_pools(inferred.cut, pools, trace, frames)),
    )


def _supposed(recorded: Recorded, trace: Trace, frames: Sequence[Frame]) -> InferredRequests:
    """Infer requests from what threads do between their waits, of which a light recording has none."""
    manifest, counters = recorded.manifest, recorded.counters[PHASE]
    if manifest.perf is not None and manifest.perf.light:
        return InferredRequests((), (), ())
    return infer_requests(
        trace,
        frames,
        callers={caller: process.pid for process in manifest.processes for caller in process.callers},
        workers=manifest.threads.pool_tids,
        window_ns=(counters.begin.time_ns, counters.end.time_ns),
        cpu_ns=counters.thread_cpu_ns(),
        phase=PHASE,
    )


def _with_caller(request: Request, supposed: InferredRequests) -> Request:
    """Return a request of a log with the thread that was busy the longest meanwhile, if one was."""
    if request.caller is not None:
        return request

    def common_ns(other: Request) -> int:
        return min(request.end_ns, other.end_ns) - max(request.start_ns, other.start_ns)

    candidates = (*supposed.requests, *supposed.cut)
    likely = max(
        (candidate for candidate in candidates if common_ns(candidate) > 0), key=common_ns, default=None
    )
    if likely is None or request.process not in (None, likely.process):
        return request
    return msgspec.structs.replace(request, process=likely.process, caller=likely.caller)


def _of_silent(supposed: InferredRequests, exact: Sequence[Request]) -> InferredRequests:
    """Return what is supposed of processes that said nothing; a log without processes tells of all."""
    if any(request.source is RequestSource.LOG for request in exact):
        return InferredRequests((), (), ())
    said = {request.process for request in exact}
    return InferredRequests(
        tuple(request for request in supposed.requests if request.process not in said),
        tuple(request for request in supposed.cut if request.process not in said),
        () if said else supposed.untold,
    )


def _waits_have_places(recorded: Recorded) -> bool:
    perf = recorded.manifest.perf
    return perf is not None and SWITCH_OUT in perf.wait_events


def _with_callers(processes: Sequence[Process], exact: Sequence[Request]) -> list[Process]:
    """Return the observed processes with the threads that said that they make requests.

    One that was not seen to call a pool (its requests are computed in other threads, or were too short to be
    seen) may call any of its process's.
    """
    said: dict[int, list[int]] = {process.pid: [] for process in processes}
    for request in exact:
        if request.process is not None and request.caller is not None:
            callers = said.setdefault(request.process, [])
            if request.caller not in callers:
                callers.append(request.caller)
    observed = {process.pid: process for process in processes}
    return [_joined(observed.get(pid, Process(pid, [], [])), callers) for pid, callers in said.items()]


def _joined(process: Process, said: Sequence[int]) -> Process:
    calling = {caller for pool in process.pools for caller in pool.callers}
    unseen = [caller for caller in said if caller not in calling]
    return msgspec.structs.replace(
        process,
        callers=[*process.callers, *(caller for caller in said if caller not in process.callers)],
        pools=[msgspec.structs.replace(pool, callers=[*pool.callers, *unseen]) for pool in process.pools],
    )


def _doubts(inferred: InferredRequests, recorded: Recorded) -> list[Doubt]:
    doubts = []
    if inferred.requests:
        count = len({request.caller for request in inferred.requests})
        threads = "a thread does between its" if count == 1 else f"{count} threads do between their"
        doubts.append(
            Doubt(
                "exact requests",
                f"{len(inferred.requests)} are inferred from what {threads} waits: what is done around `Run` "
                "is in their times, and those that follow each other without a wait count as one",
                MARK,
            )
        )
    if inferred.untold:
        places = _waits_have_places(recorded)
        why = "they never wait for work" if places else "where they wait was not recorded"
        named = ", ".join(map(str, inferred.untold))
        hint = MARK if places else f"give --waits trace, as root; or {MARK}"
        doubts.append(Doubt(f"requests of threads {named}", why, hint))
    return doubts


def sources_of(requests: Sequence[Request]) -> list[RequestSource]:
    """Return how these requests are known, each way once."""
    return [source for source in RequestSource if any(request.source is source for request in requests)]
