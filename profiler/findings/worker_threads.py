"""Threads in all against the CPUs: what pools, and workers of one service, make together, and what to set."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from profiler.findings.formats import count, number

if TYPE_CHECKING:
    from profiler.run.cpu_budget import Cpus
    from profiler.run.summary import Summary


def oversubscription(summary: Summary) -> list[str]:
    """Say where there are more threads than CPUs, and which left their own."""
    cpus = summary.cpus
    if cpus is None:
        return []
    return [*_too_many(summary, cpus), *_escaped(cpus)]


def what_to_set(summary: Summary) -> list[str]:
    """Say how many threads a worker of a service of ours should have, where all together have too many."""
    cpus, workers = summary.cpus, len(summary.processes)
    if (
        workers <= 1
        or cpus is None
        or not _pooled(summary)
        or not _exceed(cpus)
        or summary.attached is not None
    ):
        return []
    share = max(1, math.floor(cpus.usable / workers))
    said = f"Set intra_op_num_threads to {share} in each of the {workers} processes (--threads {share})"
    if workers <= cpus.usable:
        return [f"{said}: then all of their threads together are no more than the CPUs."]
    fewer = count(max(1, math.floor(cpus.usable)), "process", "processes")
    return [f"{said}; {fewer} would do to keep {number(cpus.usable)} CPU busy."]


def _pooled(summary: Summary) -> bool:
    """Whether workers of a service have threads besides those that call."""
    return any(process.threads > process.callers for process in summary.processes)


def _exceed(cpus: Cpus) -> bool:
    return cpus.threads > max(1, math.ceil(cpus.usable))


def _too_many(summary: Summary, cpus: Cpus) -> list[str]:
    if not _exceed(cpus):
        return []
    left = [f"affinity and cpuset leave {len(cpus.allowed)}"]
    left += [f"the quota {number(cpus.quota)}"] if cpus.quota is not None else []
    available = f"for {number(cpus.usable)} CPU ({', '.join(left)})."
    threads, workers = count(cpus.threads, "thread"), summary.processes
    if summary.attached is not None:
        pools = count(len(summary.pools), "pool")
        return [f"{pools} and the threads that call them are {threads} that compute or poll, {available}"]
    if len(workers) <= 1:
        return [f"{_pools(summary, threads)} {available}"]
    own = sorted({process.threads for process in workers})
    size = f"{own[0]}" if len(own) == 1 else f"{own[0]} to {own[-1]}"
    each = ", each with a pool of its own," if _pooled(summary) else ""
    said = f"{len(workers)} processes{each} have {threads} that compute or poll"
    return [f"{said}, {size} each, {available}"]


def _pools(summary: Summary, threads: str) -> str:
    callers = len({tid for pool in summary.pools for tid in pool.caller_tids})
    if len(summary.pools) > 1:
        return f"ONNX Runtime's {len(summary.pools)} pools and the threads that call them are {threads}"
    if callers > 1:
        return f"ONNX Runtime's pool and the {callers} threads that call it are {threads}"
    return f"ONNX Runtime's pool has {threads}, callers included,"


def _escaped(cpus: Cpus) -> list[str]:
    if not cpus.escaped:
        return []
    allowed = ", ".join(str(cpu) for cpu in cpus.allowed)
    threads = count(len(cpus.escaped), "pool thread is", "pool threads are")
    said = (
        f"{threads} pinned to CPUs outside the process's affinity mask (CPU {allowed}): ONNX Runtime "
        "pins the pool that it sizes itself by the machine's cores; --threads N leaves threads where the "
        "mask puts them."
    )
    return [said]
