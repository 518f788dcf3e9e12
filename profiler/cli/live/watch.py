"""`ortprof watch`: light sampling that goes on, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, OUTPUT
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import ScopeOption
from profiler.cli.options.shared_options import Follow
from profiler.errors import ExitCode, UsageError, WorkloadError
from profiler.spec.container import EngineName
from profiler.spec.ranges import MEASURED_SECONDS, PROCESS
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.run.attached import Target

MOST_INTERVAL = 20.0
"""The kernel has room for half a minute of samples."""
EXAMPLES = """\
ortprof watch 4711 --follow --metrics 127.0.0.1:9464
ortprof watch --command uvicorn --follow --metrics 127.0.0.1:9464"""


def watch(
    pids: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="[PID]...", parser=number(PROCESS), help="Processes, by their numbers on this machine."
        ),
    ] = None,
    *,
    command: Annotated[
        str | None,
        typer.Option(
            "--command",
            metavar="NAME",
            help="Instead: all processes of a program, a script or a module; after a restart the new ones.",
            rich_help_panel=COURSE,
        ),
    ] = None,
    container: Annotated[
        str | None,
        typer.Option(
            "--container",
            metavar="NAME",
            help="Instead: the process of a container; after a restart the new one.",
            rich_help_panel=COURSE,
        ),
    ] = None,
    engine: Annotated[
        EngineName,
        typer.Option("--engine", help="Whose container it is.", rich_help_panel=COURSE),
    ] = EngineName.DOCKER,
    follow: Follow = False,
    interval: Annotated[
        float,
        typer.Option(
            "--interval",
            metavar="S",
            parser=number(MEASURED_SECONDS),
            help="Seconds between two readings; at most 20, for the kernel keeps half a minute of samples.",
            rich_help_panel=COURSE,
        ),
    ] = 5.0,
    scope: ScopeOption = Scope.AUTO,
    metrics: Annotated[
        str,
        typer.Option(
            "--metrics",
            metavar="ADDRESS",
            help="Where Prometheus finds the metrics: host and port.",
            rich_help_panel=OUTPUT,
        ),
    ] = "127.0.0.1:9464",
) -> None:
    """Watch processes lightly (docs/light.md) and serve Prometheus metrics until it is stopped.

    CPU seconds by kind, pool and process; context switches; samples. Writes no files. Needs the extra
    `metrics`.
    """
    from profiler.cli.terminal.console import err
    from profiler.live.metrics import Collector, serve
    from profiler.live.service import WatchedService
    from profiler.record.interrupts import Interrupts

    if interval > MOST_INTERVAL:
        raise UsageError(f"--interval {interval:g}: at most {MOST_INTERVAL:g}")
    find = _finder(pids or [], command, container, engine, follow=follow)
    console = err()
    with Interrupts() as interrupts:
        service = WatchedService(
            find,
            scope,
            follow,
            interval,
            lambda: interrupts.requested,
            lambda text: console.print(text, markup=False, soft_wrap=True),
        )
        end = serve(metrics, Collector(lambda: service.moment, lambda: service.begun))
        console.print(f"metrics at http://{metrics}/metrics", markup=False, soft_wrap=True)
        try:
            service.run(again=not pids)
        except ProcessLookupError as error:
            raise WorkloadError(str(error), hint="name it by --command, to wait for the next") from error
        finally:
            end()
    raise typer.Exit(ExitCode.INTERRUPTED)


def _finder(
    pids: Sequence[int], command: str | None, container: str | None, engine: EngineName, *, follow: bool
) -> Callable[[], Sequence[Target]]:
    """Return what finds the processes, once they are asked for; `UsageError` unless one way is named."""
    from profiler.live.named import by_command, by_container, by_pids

    if [bool(pids), command is not None, container is not None].count(True) != 1:
        raise UsageError(
            "whom to watch is said in one way: by PIDs, by --command or by --container",
            hint="`ortprof watch --help` has examples",
        )
    if command is not None:
        return lambda: by_command(command, follow=follow)
    if container is not None:
        return lambda: by_container(container, engine, follow=follow)
    return lambda: by_pids(pids, follow=follow)
