"""Who runs what: processes, the threads in them that call Run, and the pools that serve these."""

from __future__ import annotations

from enum import Enum
from typing import TypedDict

import msgspec

from profiler.run.ranges import Count, ThreadId


class PoolRole(str, Enum):
    """What a pool does for its sessions."""

    INTRA_OP = "intra-op"
    """Shares the work of one operator."""
    INTER_OP = "inter-op"
    """Runs operators side by side (parallel execution)."""
    GLOBAL = "global"
    """Serves all sessions of a process."""
    OTHER = "other"
    """Another library's."""


class Pool(msgspec.Struct, frozen=True):
    """Worker threads that serve the same sessions."""

    id: str
    """Unique in its run; what requests and figures name it by."""
    role: PoolRole
    tids: list[ThreadId]


class Tensor(TypedDict, total=False):
    """An input that requests are made with."""

    name: str
    type: str
    """As ONNX Runtime names it: `tensor(int64)`."""
    shape: list[Count]


class Process(msgspec.Struct, frozen=True):
    """A process that runs ONNX Runtime."""

    pid: ThreadId
    callers: list[ThreadId]
    """Threads that call Run: each computes its share and joins its pool's workers."""
    pools: list[Pool]
    inputs: list[Tensor] = []

    @property
    def pool_tids(self) -> list[int]:
        """Threads of all pools, pool by pool."""
        return [tid for pool in self.pools for tid in pool.tids]


def one_session(pid: int, caller: int, pool_tids: list[int]) -> Process:
    """Return a process with one session that one thread calls: the workload's."""
    pools = [Pool("intra-op", PoolRole.INTRA_OP, pool_tids)] if pool_tids else []
    return Process(pid, [caller], pools)
