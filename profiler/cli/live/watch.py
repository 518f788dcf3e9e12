"""`ortprof watch`: light sampling that goes on, as metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, OUTPUT
from profiler.cli.options.numbers import number
from profiler.cli.options.perf_options import ScopeOption
from profiler.cli.options.shared_options import Follow
from profiler.cli.options.whom_options import Container, Engine, Pids, require_one_way
from profiler.errors import ExitCode, UsageError, WorkloadError
from profiler.spec.container import EngineName
from profiler.spec.ranges import MEASURED_SECONDS
from profiler.spec.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from profiler.run.attached import Target

MOST_INTERVAL = 20.0
"""The kernel has room for half a minute of samples."""
EXAMPLES = """\
ortprof watch 4711 --follow --metrics 127.0.0.1:9464
ortprof watch --command uvicorn --follow --metrics 127.0.0.1:9464
ortprof watch --container checkout --engine podman"""


def watch(
    pids: Pids = None,
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
    container: Container = None,
    engine: Engine = EngineName.DOCKER,
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

    CPU seconds by kind, pool and process; context switches; samples. Writes no files. After a restart of its
    program or its container it goes on with the new processes. Needs the extra `metrics`.
    """
    from profiler.cli.terminal.console import err
    from profiler.live.metrics import Collector, serve
    from profiler.live.service import WatchedService
    from profiler.record.interrupts import Interrupts

    if interval > MOST_INTERVAL:
        raise UsageError(f"--interval {interval:g}: at most {MOST_INTERVAL:g}")
    find = _finder(pids or [], command, container, engine, follow=follow)
    follow = follow or container is not None
    console = err()
    if pids:
        find()  # a process that is not there is said before anything is served
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
    """Return what finds the processes, once they are asked for.

    `UsageError` unless they are named in one way, and for a container that there is not; `MachineError`
    without its engine. Later both may come again.
    """
    from profiler.live.named import by_command, by_container, by_pids
    from profiler.record.container.running import first_process

    require_one_way(
        {"PIDs": bool(pids), "--command": command is not None, "--container": container is not None}
    )
    if command is not None:
        return lambda: by_command(command, follow=follow)
    if container is not None:
        first_process(container, engine)
        return lambda: by_container(container, engine)
    return lambda: by_pids(pids, follow=follow)
