"""The files that a process has mapped, and how to open them: by their paths there, or by the mapping."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from profiler import files

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
FIELDS = 6
"""Of a line: address, permissions, offset, device, inode, path."""
DELETED = " (deleted)"


@dataclass(frozen=True, slots=True)
class MappedFile:
    """A file that a process runs code from."""

    path: str
    """As the process sees it."""
    span: str
    """Addresses of the mapping, as /proc/PID/map_files names it."""
    deleted: bool
    """Nothing is at `path` any more, or another file."""


def executable_files(maps: str) -> list[MappedFile]:
    """Return the files mapped for execution, each once, in order of address; of /proc/PID/maps.

    Format: proc_pid_maps(5). A line break in a path is written as an escape.
    """
    files: dict[str, MappedFile] = {}
    for line in maps.splitlines():
        fields = line.split(maxsplit=FIELDS - 1)
        if len(fields) < FIELDS or "x" not in fields[1] or not fields[5].startswith("/"):
            continue
        written = fields[5].replace(r"\012", "\n")
        path = written.removesuffix(DELETED)
        if path not in files:
            span = "-".join(f"{int(end, 16):x}" for end in fields[0].split("-"))
            files[path] = MappedFile(path, span, deleted=written.endswith(DELETED))
    return list(files.values())


def openable(pid: int, mapped: MappedFile, proc: Path = PROC) -> Path | None:
    """Return a path by which this process can read a mapped file; None where there is none.

    By the mapping it is the very file, deleted or replaced though it may be; that takes a privilege
    (proc_pid_map_files(5)). By path, a deleted one can't be had.
    """
    exact = proc / str(pid) / "map_files" / mapped.span
    seen = files.below(proc / str(pid) / "root", mapped.path)
    for path in [exact] if mapped.deleted else [exact, seen]:
        try:
            files.open_regular(path).close()
        except OSError:
            continue
        return path
    return None


def sees_other_files(pid: int, proc: Path = PROC) -> bool:
    """Whether a process has a file system of its own (a container, a chroot); `OSError` when it is closed.

    Namespaces alone do not tell: a service may have one for its private /tmp and see this machine's files.
    """
    theirs, ours = ((proc / who / "root").stat() for who in (str(pid), "self"))
    return (theirs.st_dev, theirs.st_ino) != (ours.st_dev, ours.st_ino)


def neighbours(pid: int, path: str, proc: Path = PROC) -> Iterator[str]:
    """Yield the names beside a file, and those beside its folder, as a process sees them."""
    folder = files.below(proc / str(pid) / "root", path).parent
    for place in (folder, folder.parent, folder.parent.parent):
        with contextlib.suppress(OSError):
            yield from sorted(entry.name for entry in place.iterdir())
