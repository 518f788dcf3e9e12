"""What the workload opened, as a run records it: its threads by the ids of this machine, in their pools."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from profiler.record.container.namespaces import outer_tids
from profiler.run.processes import Pool, Process, Session, Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.record.subject.events import OpenedPool, OpenedSession, Ready
    from profiler.run.fed import Fed


def processes_of(pids: Sequence[int], ready: Sequence[Ready], models: Sequence[str]) -> list[Process]:
    """Return the workload's processes; of several, ids begin with a process's number: `2/intra-op`.

    Otherwise as `process_of`.
    """
    places = [f"{number}/" for number in range(1, len(pids) + 1)] if len(pids) > 1 else [""]
    return [
        process_of(pid, said, models, place) for pid, said, place in zip(pids, ready, places, strict=True)
    ]


def process_of(pid: int, ready: Ready, models: Sequence[str], place: str = "") -> Process:
    """Return a process of the workload; `models` are the names of its sessions' models, in their order.

    `place` stands before its ids. Pool threads that have ended are left out. `ProcessLookupError` when a
    caller has.
    """
    known = outer_tids(pid)
    ids = session_ids(models)
    callers = [_known(session.callers, known) for session in ready.sessions]
    everybody = list(itertools.chain.from_iterable(callers))
    if len(everybody) != sum(len(session.callers) for session in ready.sessions):
        raise ProcessLookupError(f"a calling thread of process {pid} has ended")
    shared = [_pool(pool, place, "", known, everybody) for pool in ready.pools]
    pools, sessions = list(shared), []
    for session, name, model, mine in zip(ready.sessions, ids, models, callers, strict=True):
        owner = name if len(ids) > 1 else ""
        own = [_pool(pool, place, owner, known, mine) for pool in session.pools]
        pools += own
        sessions.append(Session(f"{place}{name}", model, mine, [pool.id for pool in (own or shared)]))
    return Process(pid, everybody, pools, inputs=_tensors(ready.sessions[0]), sessions=sessions)


def fed_of(ready: Ready, models: Sequence[str]) -> list[Fed]:
    """Return what each session is fed with."""
    return [
        msgspec.structs.replace(session.inputs, model=name)
        for session, name in zip(ready.sessions, session_ids(models), strict=True)
    ]


def session_ids(models: Sequence[str]) -> list[str]:
    """Name sessions after their models: `minilm`, and `minilm#2` for a second one of it."""
    return [
        model if model not in models[:place] else f"{model}#{models[: place + 1].count(model)}"
        for place, model in enumerate(models)
    ]


def _known(tids: Iterable[int], known: dict[int, int]) -> list[int]:
    return [known[tid] for tid in tids if tid in known]


def _pool(opened: OpenedPool, place: str, owner: str, known: dict[int, int], callers: list[int]) -> Pool:
    name = f"{place}{opened.role.value} {owner}".strip()
    return Pool(name, opened.role, _known(opened.tids, known), callers)


def _tensors(session: OpenedSession) -> list[Tensor]:
    """Return the inputs of a session with the shapes of its first set."""
    shapes = session.inputs.sets[0].shapes
    return [
        Tensor(name=tensor.name, type=tensor.type, shape=shapes.get(tensor.name, []), source=tensor.source)
        for tensor in session.inputs.tensors
    ]
