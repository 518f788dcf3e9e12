"""`processes`, `sessions` and `pools` of summary.json: apart what the other sections have together."""

from __future__ import annotations

import msgspec

from profiler.run.kinds import Kind
from profiler.run.processes import PoolRole
from profiler.run.ranges import Count, Milliseconds, Share, ThreadId
from profiler.run.sections.load_section import LatencyFigures, LateStarts
from profiler.run.sections.request_section import RequestFigures
from profiler.run.sections.wait_section import SpinWindowFigures


class PartLoad(msgspec.Struct, frozen=True):
    """A session's load in one phase; CPU time is exact: of its callers and of the pools that are its own."""

    requests: Count
    latency_ms: LatencyFigures
    late_start_ms: LateStarts | None
    cpu_ms: Milliseconds
    cpu_ms_per_request: Milliseconds | None


class SessionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One session of a process."""

    id: str
    model: str
    config: str
    """The label of its configuration; empty where the session is somebody else's."""
    callers: Count
    pools: list[str]
    """By their ids; a global pool is every session's, and its CPU time nobody's in particular."""
    measured: PartLoad | None = None
    """None where that phase did not run; likewise `profiled`."""
    profiled: PartLoad | None = None
    request: RequestFigures | None = None
    """The anatomy of its requests; None where context switches were not recorded."""


class ProcessFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One process of a service; CPU time is the kernel's count for the process."""

    pid: ThreadId
    command: str
    """How it was started; empty where that is not known."""
    ort: str
    """Version of its ONNX Runtime."""
    callers: Count
    pools: list[str]
    """By their ids."""
    threads: Count
    """Of its pools and callers."""
    measured_ms: Milliseconds | None = None
    """CPU time in the measure phase; None where that did not run. Likewise `measured_requests`."""
    measured_requests: Count | None = None
    profiled_ms: Milliseconds | None = None
    """CPU time in the profile phase, and the requests that it served then."""
    profiled_requests: Count | None = None


class InferredSettings(msgspec.Struct, frozen=True):
    """What a pool's session options must be, from what its threads do."""

    threads: Count
    """`intra_op_num_threads` (or its twin): the workers, and the caller that shares the work."""
    spins: bool | None
    """Whether idle workers poll; None where they did too little to tell."""
    polled: Share | None
    """Of the pool's CPU time, what its workers polled for work: what `spins` rests on."""
    pinned: Count
    """Of the workers, those that may run on fewer CPUs than the process's first thread."""
    blocks_after_ms: Milliseconds | None = None
    """Median time that a worker polled before it blocked; None where none was seen to do both."""


class PoolFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One pool of worker threads, in the profile phase unless it says otherwise."""

    id: str
    process: ThreadId
    role: PoolRole
    threads: Count
    """Its workers; the callers that share the work are counted apart."""
    callers: Count
    measured_ms: Milliseconds | None = None
    """CPU time of its threads in the measure phase, exact; None where that did not run."""
    total_ms: Milliseconds | None = None
    """CPU time of its threads under perf; None without a profile."""
    by_kind: dict[Kind, Milliseconds] = {}
    requests: Count = 0
    """That it served under perf."""
    spin_window_ms: SpinWindowFigures | None = None
    tids: list[ThreadId] = []
    """Its workers' ids; empty in runs of versions that did not say. Likewise `caller_tids`."""
    caller_tids: list[ThreadId] = []
    evidence: list[str] = []
    """What tells it from other pools, where that was observed from outside: "creation order"."""
    inferred: InferredSettings | None = None
    """Of a pool that nobody configured for us; None for our own workload's."""
