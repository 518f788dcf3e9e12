"""Where this machine's cpu controller is, found by looking: cgroup version 1, 2, or both (cgroups(7))."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from profiler.errors import MachineError

ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The mounted hierarchy that holds the cpu controller."""

    version: int
    mount: Path
    own: Path
    """A process's own cgroup in it."""

    def upwards(self) -> list[Path]:
        """Return the process's cgroup and those above it, up to the mounted root."""
        above = [folder for folder in self.own.parents if folder.is_relative_to(self.mount)]
        return [self.own, *above]


def find(root: Path = ROOT, pid: int | str = "self") -> Hierarchy:
    """Return the hierarchy of the cpu controller, and a process's place in it.

    `root` is the file system's root, for trees recorded elsewhere. Version 1 wins where both are mounted:
    a controller that version 1 holds is not in version 2. `MachineError` where there is none.
    """
    mounts = (root / "proc/self/mountinfo").read_text()
    memberships = (root / f"proc/{pid}/cgroup").read_text()
    for version in (1, 2):
        own = _own_path(memberships, version)
        for mounted in _mounts(mounts, version):
            folder = root / mounted.folder.lstrip("/")
            if own is not None and (version == 1 or _offers_cpu(folder)):
                return Hierarchy(version, folder, folder / _below(own, mounted.subtree))
    raise MachineError(
        "no cgroup hierarchy with the cpu controller is mounted",
        hint="mount one (mount -t cgroup2 none /sys/fs/cgroup), or limit from outside: docker run --cpus",
    )


@dataclass(frozen=True, slots=True)
class _Mount:
    folder: str
    subtree: str
    """The cgroup that shows at the mount point; not `/` in containers without a cgroup namespace."""


def _mounts(mountinfo: str, version: int) -> list[_Mount]:
    """Return mounts of a version; of version 1 those with the cpu controller. Format: proc(5)."""
    mounts = []
    for line in mountinfo.splitlines():
        first, separator, last = line.partition(" - ")
        fields, (kind, *_, options) = first.split(), last.split() or ["", ""]
        if not separator or (kind != "cgroup2" if version == 2 else kind != "cgroup"):  # noqa: PLR2004  the version's number
            continue
        if version == 2 or "cpu" in options.split(","):  # noqa: PLR2004  the version's number
            mounts.append(_Mount(_unescaped(fields[4]), _unescaped(fields[3])))
    return mounts


def _unescaped(path: str) -> str:
    r"""Return a mount's path; the kernel writes spaces as `\040`."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), path)


def _own_path(memberships: str, version: int) -> str | None:
    """Return the path in /proc/PID/cgroup: lines of `number:controllers:path`."""
    for line in memberships.splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0" if version == 2 else "cpu" in controllers.split(","):  # noqa: PLR2004  the version's number
            return path
    return None


def _offers_cpu(folder: Path) -> bool:
    try:
        return "cpu" in (folder / "cgroup.controllers").read_text().split()
    except OSError:
        return False


def _below(own: str, subtree: str) -> str:
    """Return a cgroup's path below a mount that shows `subtree`; the mount itself when it is elsewhere.

    What is outside the cgroup namespace shows as `/..`, without the names on the way.
    """
    relative = os.path.relpath(own, subtree)
    elsewhere = any(".." in path.split("/") for path in (own, subtree, relative))
    return "." if elsewhere else relative
