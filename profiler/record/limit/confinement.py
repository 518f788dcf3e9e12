"""Where a workload is started so that its limit holds from its first instruction on."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import process
from profiler.errors import MachineError
from profiler.record.limit import cgroup, hierarchy, systemd
from profiler.record.limit.sampler import ThrottlingSampler
from profiler.record.owner import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.run.throttling import Throttling
    from profiler.spec.limit import Limit

ENTER = Path(__file__).with_name("enter.py")


@dataclass(frozen=True, slots=True)
class Confinement:
    """How to start the workload, and where its limit is kept."""

    limit: Limit | None = None
    prefix: tuple[str, ...] = ()
    """Stands before the workload's command."""
    scope: bool = False
    """Whether the user's systemd keeps the limit, not we."""

    def check(self, pid: int) -> None:
        """Make sure that the started workload is limited; `MachineError` when it is not.

        systemd takes a quota without a word where the cpu controller is not delegated.
        """
        if self.limit is None:
            return
        place = hierarchy.find(pid=pid)
        wanted = cgroup.limit_files(place.version, self.limit)
        for name, content in wanted.items():
            with contextlib.suppress(OSError):
                if (place.own / name).read_text().split() == content.split():
                    continue
            raise MachineError(
                f"the workload's cgroup does not have the limit: {name} is not {content}",
                hint=systemd.DELEGATION_HINT,
            )

    def sampling(self, *pids: int) -> contextlib.AbstractContextManager[Throttled]:
        """Watch the limit of processes, which are in one cgroup, while a block runs."""
        return _sampling(self.limit, pids)


@dataclass(slots=True)
class Throttled:
    """What watching a limit gave; None without one, and until it is over."""

    result: Throttling | None = None


@contextlib.contextmanager
def _sampling(limit: Limit | None, pids: Sequence[int]) -> Iterator[Throttled]:
    watched = Throttled()
    if limit is None:
        yield watched
        return
    with ThrottlingSampler(hierarchy.find(pid=pids[0]).own, pids, limit.period_us) as sampler:
        yield watched
    watched.result = sampler.result


@contextlib.contextmanager
def confine(limit: Limit | None) -> Iterator[Confinement]:
    """Prepare a limit for one workload; its cgroup is gone when the block is left, whatever happened in it.

    Tries a cgroup of our own, then a scope of the user's systemd. `MachineError` with every reason, and
    what would allow it, where neither can be had. Clears what killed runs left behind, limited or not.
    """
    try:
        with contextlib.nullcontext(Confinement()) if limit is None else _confined(limit) as confinement:
            yield confinement
    finally:
        with contextlib.suppress(MachineError):
            cgroup.clear_leftovers(hierarchy.find())


def leftovers() -> list[Path]:
    """Return the cgroups of runs that were killed; none where this machine has no such hierarchy."""
    with contextlib.suppress(MachineError):
        return cgroup.leftovers(hierarchy.find())
    return []


@contextlib.contextmanager
def _confined(limit: Limit) -> Iterator[Confinement]:
    try:
        folder = _make(limit)
    except MachineError as error:
        yield Confinement(limit, _scope(limit, error), scope=True)
        return
    try:
        yield Confinement(limit, launcher(folder))
    finally:
        cgroup.remove(folder)


def launcher(folder: Path) -> tuple[str, ...]:
    """Return what to put before a command so that it starts inside a cgroup."""
    return (sys.executable, "-I", "-S", str(ENTER), str(folder / "cgroup.procs"))


def _make(limit: Limit) -> Path:
    owner = owner_of(os.getpid())
    if owner is None:
        raise MachineError("/proc does not show this process")
    folder = cgroup.make(hierarchy.find(), owner, limit)
    # Tried with a program of no consequence: moving may be refused where making was allowed.
    tried = process.run([*launcher(folder), sys.executable, "-I", "-S", "-c", ""])
    if tried.exit_code != 0:
        cgroup.remove(folder)
        raise MachineError(tried.stderr.strip())
    return folder


def _scope(limit: Limit, refused: MachineError) -> tuple[str, ...]:
    why = systemd.refusal(limit)
    if why is not None:
        raise MachineError(
            f"--cpu-limit: {refused.message}; {why}",
            hint=refused.hint
            or "run as root, or in a login session of systemd with the cpu controller delegated; "
            "in a container, limit it from outside: docker run --cpus",
        ) from refused
    return tuple(systemd.scope_command(limit))
