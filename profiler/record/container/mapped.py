"""The files that a process runs code from, copied out of its container: perf reads them after its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.record.target.mappings import executable_files

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")


def mapped_files(maps: str) -> list[str]:
    """Return the paths of files mapped for execution, from /proc/PID/maps (proc_pid_maps(5)), each once.

    As the process sees them. Deleted ones are left out: nobody can open them by path.
    """
    return [file.path for file in executable_files(maps) if not file.deleted]


def copy_mapped(pid: int, folder: Path, proc: Path = PROC) -> dict[str, str]:
    """Copy them to the same paths below `folder`; return those that could not be copied, with the reason.

    `OSError` when the process is gone or closed to us, or `folder` can't be written.
    """
    failed = {}
    root = os.open(proc / str(pid) / "root", os.O_PATH | os.O_DIRECTORY)
    try:
        for path in mapped_files((proc / str(pid) / "maps").read_text(errors="replace")):
            copy = folder / path.lstrip("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                source = open_below(root, path)
            except OSError as error:
                failed[path] = error.strerror or "it can't be opened"
                continue
            with os.fdopen(source, "rb") as content, copy.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
    finally:
        os.close(root)
    return failed


def open_below(root: int, path: str) -> int:
    """Open a regular file below a folder, following no link: one in a container could lead out of it.

    The kernel's paths of mapped files have none. `OSError` when there is a link, or no regular file.
    """
    with _folder(root, Path(path).parent.parts[1:]) as parent:
        file = os.open(Path(path).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=parent)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError("not a regular file")
    return file


@contextlib.contextmanager
def _folder(root: int, parts: tuple[str, ...]) -> Iterator[int]:
    with contextlib.ExitStack() as stack:
        current = root
        for part in parts:
            current = os.open(part, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=current)
            stack.callback(os.close, current)
        yield current
