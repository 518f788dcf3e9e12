"""What perf records: the options of commands that record."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.grouped_help import PERF
from profiler.cli.options.numbers import number
from profiler.spec.ranges import FREQUENCY, MEGABYTES
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits

Frequency = Annotated[
    int,
    typer.Option(
        "--frequency",
        metavar="HZ",
        parser=number(FREQUENCY),
        help="Samples a second and CPU.",
        rich_help_panel=PERF,
    ),
]
WaitsOption = Annotated[
    Waits,
    typer.Option(
        "--waits",
        help="Time off the CPU: switches alone, with call chains and futex calls (trace), or not; "
        "auto: the richest that adds at most 5 % to the CPU time, else switches.",
        rich_help_panel=PERF,
    ),
]
ScopeOption = Annotated[
    Scope,
    typer.Option(
        "--scope",
        help="Where perf counts: on CPUs, kept to the process when decoded (disturbs least), or in it.",
        rich_help_panel=PERF,
    ),
]
KeepPerfData = Annotated[
    bool,
    typer.Option(
        "--keep-perf-data",
        help="Keep perf.data of --scope cpus, which has other processes' stacks in it and is dropped once "
        "it is decoded.",
        rich_help_panel=PERF,
    ),
]
MaxSize = Annotated[
    float | None,
    typer.Option(
        "--max-size",
        metavar="MB",
        parser=number(MEGABYTES),
        help="End the profile phase when perf.data has grown so large.",
        show_default="as large as it gets",
        rich_help_panel=PERF,
    ),
]


def in_bytes(megabytes: float | None) -> int | None:
    """Return a `--max-size` in bytes; None for none."""
    return None if megabytes is None else round(megabytes * 1_000_000)
