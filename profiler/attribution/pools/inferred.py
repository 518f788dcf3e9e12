"""Processes that nobody described to us: their callers and pools, by observation, in a run's records.

What was recorded stays as it is; the analysis works on records in which the pools stand where they would
stand if the process had told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from profiler.attribution.pools.by_creation import pools_by_creation
from profiler.attribution.pools.leaf_counts import LeafCounts, count_leaves
from profiler.attribution.pools.observed import ObservedPools, observe_pools
from profiler.run.doubt import Doubt
from profiler.run.processes import Pool, PoolRole, Process

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from profiler.attribution.rules.chains import Frame
    from profiler.run.injected import Injected
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.records import Recorded
    from profiler.trace.model import Trace

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def with_observed_pools(recorded: Recorded, trace: Trace, frames: Sequence[Frame]) -> Recorded:
    """Return a run's records with the pools that are seen in its trace; as they are unless it was attached.

    Of the processes, those that ran ONNX Runtime are left.
    `frames` are the rules' view of `trace.frames`.
    """
    manifest = recorded.manifest
    if manifest.attached is None or "profile" not in recorded.counters:
        return recorded
    counters = recorded.counters["profile"]
    names = pool_names()
    unplaced: list[int] = []
    processes: list[Process] = []
    light = manifest.perf is not None and manifest.perf.light
    calling = {request.caller for request in recorded.requests_of("profile") if request.caller is not None}
    pids = _processes(counters)
    found = {pid: _observe(pid, counters, trace, frames, calling, light=light) for pid in pids}
    most = _most_pools(manifest.injected, found.values())
    if most is not None and not light:
        found = {pid: _observe(pid, counters, trace, frames, calling, light=light, most=most) for pid in pids}
    for pid, observed in found.items():
        unplaced += observed.unplaced
        pools = [
            Pool(next(names), pool.role, list(pool.tids), list(pool.callers), evidence=list(pool.evidence))
            for pool in observed.pools
        ]
        if pools or observed.callers:
            processes.append(Process(pid, list(observed.callers), pools))
    threads = sum(1 + len(process.pool_tids) for process in processes) + len(unplaced)
    cpus = manifest.cpus and msgspec.structs.replace(manifest.cpus, threads=threads)
    doubts = [_doubt(unplaced)] if unplaced else []
    changed = msgspec.structs.replace(
        manifest,
        process=processes[0] if processes else manifest.process,
        beside=processes[1:],
        cpus=cpus,
        unavailable=[*manifest.unavailable, *doubts],
    )
    return type(recorded)(changed, recorded.counters, recorded.requests)


def pool_names() -> Iterator[str]:
    """Yield `pool A` to `pool Z`, then `pool AA` and so on."""
    for length in range(1, 1 << 10):
        yield from (f"pool {letter * length}" for letter in LETTERS)


def _most_pools(injected: Injected | None, found: Collection[ObservedPools]) -> int | None:
    """Return how many intra-op pools a process can have, where more are seen than sessions were made.

    Sessions are counted in all processes together, and each that has workers has one at least.
    """
    if injected is None or not injected.sessions or injected.unreached or injected.failures:
        return None
    seen = [[pool for pool in one.pools if pool.role is PoolRole.INTRA_OP] for one in found]
    made = injected.sessions + injected.pools
    if sum(map(len, seen)) <= made:
        return None
    return max(1, made - sum(map(bool, seen)) + 1)


def _processes(counters: PhaseCounters) -> list[int]:
    return list(dict.fromkeys(t.process for t in counters.end.threads.values() if t.process is not None))


def _observe(
    pid: int,
    counters: PhaseCounters,
    trace: Trace,
    frames: Sequence[Frame],
    calling: Collection[int],
    *,
    light: bool,
    most: int | None = None,
) -> ObservedPools:
    threads = {tid: thread for tid, thread in counters.end.threads.items() if thread.process == pid}
    started = {
        tid: thread.started_ticks for tid, thread in threads.items() if thread.started_ticks is not None
    }
    if light:
        leaves = trace.stacks.frames[trace.samples.stack].tolist()  # each stack is one frame
        counts = count_leaves(zip(trace.samples.tid.tolist(), leaves, strict=True), frames)
        cpu_ns, blocks = counters.thread_cpu_ns(), counters.thread_voluntary_switches()
        for tid in threads:
            counted = LeafCounts(blocks=blocks.get(tid, 0), cpu_ns=cpu_ns.get(tid, 0))
            counts.setdefault(tid, LeafCounts()).add(counted)
        return pools_by_creation(list(threads), started, counts, calling)
    return observe_pools(trace, frames, list(threads), started, calling=calling, most=most)


def _doubt(unplaced: Sequence[int]) -> Doubt:
    tids = ", ".join(map(str, unplaced))
    return Doubt(
        f"the pool of {len(unplaced)} worker threads",
        f"nothing was seen of them but waiting, so that they could be of either neighbour's (threads {tids})",
        "a longer recording, or a busier one, sees more",
    )
