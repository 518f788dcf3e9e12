"""A container that somebody else runs, by its name: its first process, as this machine knows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError, UsageError
from profiler.record.container.engine import tell

if TYPE_CHECKING:
    from profiler.spec.container import EngineName

PROC = Path("/proc")
FORMAT = "{{.State.Running}} {{.State.Pid}}"
"""`false 0` where it does not run, and for a moment while it is restarted `true 0`."""


def first_process(name: str, engine: EngineName, proc: Path = PROC) -> int | None:
    """Return the id of the process that a container was started with; None while there is none.

    `UsageError` where the engine has no such container, `MachineError` without an engine, and for one whose
    containers are processes of another machine.
    """
    if not name:
        raise UsageError("--container '': a container's name or id, not nothing")
    try:
        said = tell(engine, "container", "inspect", "--format", FORMAT, "--", name)
    except MachineError as error:
        if "no such container" in error.message.lower():
            raise UsageError(
                f"{engine.value} has no container {name!r}",
                hint=f"`{engine.value} ps` lists those that run; --engine names another engine",
            ) from error
        raise
    number = said.split()[-1:]
    pid = int(number[0]) if number and number[0].isdecimal() else 0
    if pid and not (proc / str(pid)).exists():
        raise MachineError(
            f"{engine.value} says that container {name!r} is process {pid}: not here",
            hint="attach on the engine's machine, outside of containers and virtual machines",
        )
    return pid or None


def required_process(name: str, engine: EngineName) -> int:
    """Return the id of the process that a container was started with; `UsageError` while it does not run.

    Other errors are those of `first_process`.
    """
    pid = first_process(name, engine)
    if pid is None:
        raise UsageError(
            f"container {name!r} does not run", hint=f"`{engine.value} start {name}`, then attach to it"
        )
    return pid
