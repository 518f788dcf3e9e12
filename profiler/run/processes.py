"""Who runs what: processes, the threads in them that call Run, and the pools that serve these."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypedDict

import msgspec

from profiler.run.ranges import Count, ThreadId
from profiler.run.request import RequestSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.request import Request


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
    callers: list[ThreadId] = []
    """Threads that call its sessions; empty in runs of versions that knew one caller."""
    evidence: list[str] = []
    """What tells it from other pools, where that was observed; empty where the process said it."""

    def serves(self, request: Request) -> bool:
        """Whether a request is one of its sessions'.

        Our own workload names but the first of those that serve a caller; others are named where they were
        seen to. An observed pool without callers serves nobody whose caller is known.
        """
        if (self.callers or self.evidence) and request.caller is not None:
            named = request.pool if request.source is not RequestSource.WORKLOAD else None
            return request.caller in self.callers and named in (None, self.id)
        return request.pool in (None, self.id)


class Tensor(TypedDict, total=False):
    """An input that requests are made with."""

    name: str
    type: str
    """As ONNX Runtime names it: `tensor(int64)`."""
    shape: list[Count]
    source: str
    """Where its values are from, as in inputs.json."""


class Session(msgspec.Struct, frozen=True):
    """An ONNX Runtime session, with its callers and the pools that serve it."""

    id: str
    """The model's name; of a second one with the same model `name#2`."""
    model: str
    callers: list[ThreadId]
    pools: list[str]
    """By their ids; another session's too, where it is the global one."""


class Process(msgspec.Struct, frozen=True):
    """A process that runs ONNX Runtime."""

    pid: ThreadId
    callers: list[ThreadId]
    """Threads that call Run: each computes its share and joins its pool's workers."""
    pools: list[Pool]
    inputs: list[Tensor] = []
    """Of the first session, in the sizes of its first set."""
    sessions: list[Session] = []
    """Empty in runs of versions that knew one session."""

    @property
    def pool_tids(self) -> list[int]:
        """Threads of all pools, pool by pool."""
        return [tid for pool in self.pools for tid in pool.tids]


def together(processes: Sequence[Process]) -> Process:
    """Return processes as one with the threads of all: thread ids are a machine's, so none is mistaken."""
    first, *others = processes
    if not others:
        return first
    return Process(
        first.pid,
        [tid for process in processes for tid in process.callers],
        [pool for process in processes for pool in process.pools],
        inputs=first.inputs,
        sessions=[session for process in processes for session in process.sessions],
    )


def one_session(pid: int, caller: int, pool_tids: list[int]) -> Process:
    """Return a process with one session that one thread calls."""
    pools = [Pool("intra-op", PoolRole.INTRA_OP, pool_tids)] if pool_tids else []
    return Process(pid, [caller], pools)
