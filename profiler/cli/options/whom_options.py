"""Whom to watch: processes by their numbers, or a container by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE
from profiler.cli.options.numbers import number
from profiler.errors import UsageError
from profiler.spec.container import EngineName
from profiler.spec.ranges import PROCESS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Pids = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="[PID]...", parser=number(PROCESS), help="Processes, by their numbers on this machine."
    ),
]
Container = Annotated[
    str | None,
    typer.Option(
        "--container",
        metavar="NAME",
        help="Instead: a container that runs, its first process with all that it started.",
        show_default=False,
        rich_help_panel=COURSE,
    ),
]
Engine = Annotated[
    EngineName,
    typer.Option("--engine", help="Whose container it is.", rich_help_panel=COURSE),
]


def named_pids(pids: Sequence[int] | None, container: str | None, engine: EngineName) -> tuple[int, ...]:
    """Return the processes that are named, or a container's first one, whose children belong to it.

    `UsageError` unless they are named in one way, and for a container that is not there or does not run;
    `MachineError` without its engine.
    """
    from profiler.record.container.running import required_process

    require_one_way({"PIDs": bool(pids), "--container": container is not None})
    return tuple(pids or ()) if container is None else (required_process(container, engine),)


def require_one_way(ways: Mapping[str, bool]) -> None:
    """Raise `UsageError` unless processes are named, and in one of these ways: which of them were taken."""
    *others, last = ways
    taken = [*ways.values()].count(True)
    if taken == 0:
        raise UsageError(
            f"no process is named: give {', '.join(others)} or {last}",
            hint="`pgrep -af NAME` lists processes with their numbers",
        )
    if taken > 1:
        by = ", ".join(f"by {way}" for way in others)
        raise UsageError(f"whom to watch is said in one way: {by} or by {last}")
