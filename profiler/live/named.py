"""The processes that a name stands for, now; after a restart these are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from profiler.errors import OrtprofError, UsageError
from profiler.record.container.running import first_process
from profiler.record.target.examined import examine_process
from profiler.record.target.family import find_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.run.attached import Target
    from profiler.spec.container import EngineName

FIRST_WORDS = 3
"""Of a command line: the interpreter, `-m`, and what it runs."""


def by_pids(pids: Sequence[int], *, follow: bool) -> list[Target]:
    """Return these processes; errors are those of `find_targets`."""
    return find_targets(pids, follow=follow)


def by_command(name: str, *, follow: bool) -> list[Target]:
    """Return the processes of a program, a script or a module; empty while none runs ONNX Runtime."""
    found = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if name == process.info["name"] or name in map(_file, (process.info["cmdline"] or [])[:FIRST_WORDS])
    ]
    numbers = [process.pid for process in found if process.pid != psutil.Process().pid]
    return _quietly(lambda: find_targets(_usable(numbers, follow=follow), follow=follow))


def by_container(name: str, engine: EngineName) -> list[Target]:
    """Return the processes of a container that have its first one for an ancestor.

    Empty while it does not run, or runs no ONNX Runtime yet: it may be restarted, or removed and made anew,
    and its engine too. `MachineError` where they are closed to us.
    """
    try:
        pid = first_process(name, engine)
    except OrtprofError:
        return []
    try:
        return [] if pid is None else find_targets([pid], follow=True)
    except UsageError:
        return []


def _file(word: str) -> str:
    return word.rpartition("/")[2]


def _usable(pids: Sequence[int], *, follow: bool) -> list[int]:
    """Leave out processes of the name that are closed to us, or have no ONNX Runtime and no children."""
    found = [target for pid in pids for target in _examined(pid)]
    return [target.pid for target in found if follow or target.runtimes]


def _examined(pid: int) -> list[Target]:
    return _quietly(lambda: [examine_process(pid)])


def _quietly(find: Callable[[], list[Target]]) -> list[Target]:
    """Return what is found; nothing where there is nothing, or not yet."""
    try:
        return find()
    except OrtprofError:
        return []
