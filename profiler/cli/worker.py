"""`ortprof worker`: this machine, for studies over a cluster."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.terminal.printable import tell
from profiler.run.cpu_budget import parse_cpu_list

EXAMPLES = """\
ortprof worker tcp://scheduler:8786
ortprof worker tcp://scheduler:8786 --cpus 0-6
ortprof worker tls://scheduler:8786 --name rack-7"""


def worker(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Of a Dask scheduler: tcp://HOST:PORT, or tls://.")
    ],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What Dask's pages call this worker.")
    ] = None,
    cpus: Annotated[
        frozenset[int] | None,
        typer.Option(
            "--cpus",
            metavar="LIST",
            parser=parse_cpu_list,
            help="CPUs for the runs, as 0-6; the worker itself keeps to the others that it may use.",
            show_default="all of them, for both",
        ),
    ] = None,
) -> None:
    """Run studies' cells here for `ortprof sweep --cluster`, one at a time, until Ctrl+C.

    Dask's own worker, configured so that it sleeps while something is measured. A scheduler that is not there
    is waited for; runs that nobody took are kept. Whoever reaches the scheduler can run any program here
    (docs/fleet.md). Needs the extra `cluster`.
    """
    from profiler.fleet.cluster.worker import require_address, serve

    require_address(address, "worker")
    serve(address, tell, name, cpus)
