"""Which session configuration: the options that say so, and what they make of the catalogue's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import SESSION
from profiler.cli.options.numbers import number
from profiler.spec.ranges import THREADS

if TYPE_CHECKING:
    from profiler.spec.catalogue import Catalogue
    from profiler.spec.configuration import SessionConfiguration

Config = Annotated[
    str,
    typer.Option(
        "--config",
        metavar="NAME",
        help="Session configuration; see `ortprof configs`.",
        rich_help_panel=SESSION,
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        parser=number(THREADS),
        help="intra_op_num_threads for this run.",
        rich_help_panel=SESSION,
    ),
]
InterOp = Annotated[
    int | None,
    typer.Option(
        "--inter-op",
        metavar="N",
        parser=number(THREADS),
        help="Parallel execution with inter_op_num_threads N (0: ONNX Runtime's choice).",
        rich_help_panel=SESSION,
    ),
]
Provider = Annotated[
    str,
    typer.Option(
        "--provider",
        metavar="NAME",
        help="Execution provider on the CPU, where the wheel has it: cpu, xnnpack, dnnl (oneDNN), openvino.",
        rich_help_panel=SESSION,
    ),
]
SessionEntry = Annotated[
    list[str] | None,
    typer.Option(
        "--session-entry",
        metavar="KEY=VALUE",
        help="A session config entry for this run.",
        rich_help_panel=SESSION,
    ),
]


def configuration(
    catalogue: Catalogue, name: str, threads: int | None, inter_op: int | None, entries: list[str] | None
) -> SessionConfiguration:
    """Return a configuration of the catalogue with a run's own changes; `UsageError` for unfit ones."""
    from profiler.spec.configuration import parse_entry

    return catalogue.find(name).adjusted(
        threads=threads, inter_op=inter_op, entries=dict(parse_entry(entry) for entry in entries or [])
    )
