"""A cgroup with a CFS quota: made, filled with limits, removed. Files: cgroups(7), cgroup-v2.rst."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import time
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.interrupts import undisturbed
from profiler.record.owner import PREFIX, PROC, is_leftover

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.record.limit.hierarchy import Hierarchy
    from profiler.record.owner import OwnerMark
    from profiler.spec.limit import Limit

REMOVE_SECONDS = 2.0
V2 = 2


class CgroupRefusedError(Exception):
    """A cgroup can't be made in a place; the message says why."""


def leftovers(hierarchy: Hierarchy, proc: Path = PROC) -> list[Path]:
    """Return the cgroups that an ortprof made which no longer runs."""
    return [
        folder
        for parent in parents(hierarchy)
        for folder in sorted(parent.glob(PREFIX + "*"))
        if is_leftover(folder.name, proc)
    ]


def clear_leftovers(hierarchy: Hierarchy) -> None:
    """Remove cgroups of dead owners. One that is not empty stays: its workload is about to end."""
    for folder in leftovers(hierarchy):
        with contextlib.suppress(OSError):
            folder.rmdir()


def limit_files(version: int, limit: Limit) -> dict[str, str]:
    """Return the files that set a limit, with what to write, in the order that the kernel accepts."""
    if version == V2:
        files, burst = {"cpu.max": f"{limit.quota_us} {limit.period_us}"}, "cpu.max.burst"
    else:
        files = {"cpu.cfs_period_us": str(limit.period_us), "cpu.cfs_quota_us": str(limit.quota_us)}
        burst = "cpu.cfs_burst_us"
    return files | ({burst: str(limit.burst_us)} if limit.burst_us else {})


def parents(hierarchy: Hierarchy) -> list[Path]:
    """Return the cgroups that may hold ours, the best first.

    In version 1 the process's own. In version 2 a cgroup that holds processes can't hold limited ones
    (the rule of no internal processes), so it may also be one above.
    """
    return hierarchy.upwards() if hierarchy.version == V2 else [hierarchy.own]


def make(hierarchy: Hierarchy, owner: OwnerMark, limit: Limit) -> Path:
    """Make a limited, empty cgroup and return its folder.

    `MachineError` with every place's reason where none will do.
    """
    reasons = []
    for parent in parents(hierarchy):
        try:
            return _make_in(parent, hierarchy.version, owner, limit)
        except CgroupRefusedError as refused:
            reasons.append(f"{parent}: {refused}")
    raise MachineError(f"no cgroup with a CPU limit can be made: {'; '.join(reasons)}")


def _make_in(parent: Path, version: int, owner: OwnerMark, limit: Limit) -> Path:
    # Moving a process takes the right to write the nearest common ancestor's list of processes.
    if not os.access(parent / "cgroup.procs", os.W_OK):
        raise CgroupRefusedError("no permission")
    folder = parent / owner.name
    try:
        if version == V2:
            _delegate(parent)
        folder.mkdir()
        try:
            write_limit(folder, version, limit)
        except BaseException:
            folder.rmdir()
            raise
    except OSError as error:
        raise CgroupRefusedError(_reason(error)) from error
    return folder


def _delegate(parent: Path) -> None:
    """Let children of a version 2 cgroup have the cpu controller."""
    if "cpu" not in (parent / "cgroup.subtree_control").read_text().split():
        (parent / "cgroup.subtree_control").write_text("+cpu")


def write_limit(folder: Path, version: int, limit: Limit) -> None:
    """Write a limit's files; `OSError` names the one that was refused."""
    for name, content in limit_files(version, limit).items():
        try:
            (folder / name).write_text(content)
        except OSError as error:
            raise OSError(error.errno, error.strerror, name) from error


def _reason(error: OSError) -> str:
    reasons = {
        errno.EBUSY: "it holds processes, so it can't hold limited cgroups",
        errno.ENOENT: f"{error.filename} is not offered here" if error.filename else "not offered here",
        errno.EINVAL: f"the kernel refuses {error.filename}: a cgroup above may be limited to less",
        errno.EACCES: "no permission",
        errno.EPERM: "no permission",
        errno.EROFS: "it is mounted read-only",
    }
    return reasons.get(error.errno or 0, str(error.strerror))


def remove(folder: Path) -> bool:
    """End what still runs in a cgroup of ours and remove it; never raises, and can't be interrupted.

    What can't be removed within `REMOVE_SECONDS` is left to the next run. Return whether it is gone.
    """
    with undisturbed():
        deadline = time.monotonic() + REMOVE_SECONDS
        while not (gone := _removed(folder)) and time.monotonic() < deadline:
            for pid in _processes(folder):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)
        return gone


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _processes(folder: Path) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(line) for line in (folder / "cgroup.procs").read_text().split()]
    return []
