"""Processes and threads of another pid namespace, by the ids that this one knows them by."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

PROC = Path("/proc")
_NSPID = re.compile(r"^NSpid:\s*([\d\t ]+)$", re.MULTILINE)


def parse_nspid(status: str) -> list[int]:
    """Return a task's ids, one a pid namespace from the reader's inwards (proc_pid_status(5), NSpid).

    Empty where the kernel (before Linux 4.1) does not tell.
    """
    line = _NSPID.search(status)
    return [int(number) for number in line[1].split()] if line else []


def inner_pid(pid: int, proc: Path = PROC) -> int | None:
    """Return the id by which a process knows itself, or None when there is no such process."""
    try:
        ids = parse_nspid((proc / str(pid) / "status").read_text(errors="replace"))
    except (FileNotFoundError, ProcessLookupError):
        return None
    return ids[-1] if ids else pid


def outer_tids(pid: int, proc: Path = PROC) -> dict[int, int]:
    """Return the ids of a process's threads by those that they know themselves by.

    In our own namespace both are the same. `ProcessLookupError` when the process is gone.
    """
    outer = {}
    try:
        tasks = list((proc / str(pid) / "task").iterdir())
    except FileNotFoundError as error:
        raise ProcessLookupError(f"no process {pid}") from error
    for task in tasks:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            tid = int(task.name)
            ids = parse_nspid((task / "status").read_text(errors="replace"))
            outer[ids[-1] if ids else tid] = tid
    return outer
