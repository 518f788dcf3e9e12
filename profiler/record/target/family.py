"""Whom a user means by the processes that they name: those, their children, or what is wrong with them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import psutil

from profiler.errors import OrtprofError, UsageError
from profiler.record.target.examined import Alive, alive, examine_process

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.run.attached import Target

MOST_NAMED = 5


def descendants(pids: Iterable[int]) -> list[int]:
    """Return the children of processes, theirs and so on, each once, as the machine's processes are now.

    All are looked at once, whoever is asked for: looking costs some 60 us a process of the machine.
    """
    children: dict[int, list[int]] = {}
    for process in psutil.process_iter(["ppid"]):
        children.setdefault(process.info["ppid"], []).append(process.pid)
    asked = list(dict.fromkeys(pids))
    family = dict.fromkeys(asked)
    for pid in (queue := list(asked)):
        for child in children.get(pid, []):
            if child not in family:
                family[child] = None
                queue.append(child)
    return [pid for pid in family if pid not in asked]


def find_targets(pids: Sequence[int], *, follow: bool) -> list[Target]:
    """Return the processes to profile, those that were named first.

    Errors are those of `examine_process`; `UsageError` where none of them has ONNX Runtime mapped, with what
    polls instead, or which children have it. Who ends while they are looked at is left out where others are
    left, as are children that are closed to us.
    """
    targets = _named(pids)
    if follow:
        targets += _children(targets)
    if not any(target.runtimes for target in targets):
        raise _without_runtime(targets, followed=follow)
    roots = {target.contained for target in targets if target.runtimes}
    if len(roots) > 1:
        raise UsageError(
            "some of these processes are in a container, some are not", hint="attach to them one by one"
        )
    return targets


def _named(pids: Sequence[int]) -> list[Target]:
    there = {pid: _identity(pid) for pid in pids}
    targets: list[Target] = []
    ended: OrtprofError | None = None
    for pid, identity in there.items():
        try:
            targets.append(examine_process(pid))
        except OrtprofError as error:
            if identity is None or identity.still:
                raise
            ended = error
    if ended is not None and not targets:
        raise ended
    return targets


def _identity(pid: int) -> Alive | None:
    """Return who has this number; None where nobody has, or it has ended already."""
    with contextlib.suppress(ProcessLookupError):
        identity = alive(pid)
        return identity if identity.still else None
    return None


def _children(targets: Sequence[Target]) -> list[Target]:
    children = []
    for pid in descendants(target.pid for target in targets):
        with contextlib.suppress(OrtprofError):
            children.append(examine_process(pid))
    return children


def _without_runtime(targets: Sequence[Target], *, followed: bool) -> UsageError:
    named = " and ".join(f"process {target.pid} ({target.command})" for target in targets[:MOST_NAMED])
    more = f" and {len(targets) - MOST_NAMED} more" if len(targets) > MOST_NAMED else ""
    others = sorted({library for target in targets for library in target.others})
    instead = f"; pools of {', '.join(others)} may poll there" if others else ""
    with_it = [] if followed else [target.pid for target in _children(targets) if target.runtimes]
    hint = (
        f"its children {', '.join(map(str, with_it[:MOST_NAMED]))} have it: --follow profiles them"
        if with_it
        else "ONNX Runtime is mapped when it is imported or first used: attach after that"
    )
    return UsageError(f"no ONNX Runtime is mapped in {named}{more}{instead}", hint=hint)
