"""A command to start: the options of those who start a user's own program, with a client beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, SESSION
from profiler.cli.options.numbers import number
from profiler.cli.options.shared_options import as_path
from profiler.errors import UsageError
from profiler.spec.log_format import LogFormat
from profiler.spec.ranges import SECONDS, STARTUP, THREADS

Command = Annotated[
    list[str],
    typer.Argument(metavar="COMMAND...", help="What to start, behind `--`, without a shell."),
]
GivenThreads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        metavar="N",
        parser=number(THREADS),
        help="intra_op_num_threads for each of its sessions.",
        rich_help_panel=SESSION,
    ),
]
GivenEntry = Annotated[
    list[str] | None,
    typer.Option(
        "--session-entry",
        metavar="KEY=VALUE",
        help="A session config entry for each of its sessions.",
        rich_help_panel=SESSION,
    ),
]
Load = Annotated[
    str | None,
    typer.Option(
        "--load",
        metavar="COMMAND",
        help="A client to start beside it once it listens; when either is done, so is the other.",
        show_default=False,
        rich_help_panel=COURSE,
    ),
]
After = Annotated[
    float,
    typer.Option(
        "--after",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds to let pass once ONNX Runtime is there and the client started.",
        rich_help_panel=COURSE,
    ),
]
Measure = Annotated[
    float,
    typer.Option(
        "--measure",
        metavar="S",
        parser=number(SECONDS),
        help="Seconds to count before that, with nothing attached: figures to quote.",
        rich_help_panel=COURSE,
    ),
]
Patience = Annotated[
    float,
    typer.Option(
        "--startup-timeout",
        metavar="S",
        parser=number(STARTUP),
        help="Seconds that it may take until it uses ONNX Runtime.",
        rich_help_panel=COURSE,
    ),
]
Name = Annotated[
    str,
    typer.Option(
        "--name",
        metavar="TEXT",
        help="What to call the run.",
        show_default="the program",
        rich_help_panel=COURSE,
    ),
]
Requests = Annotated[
    Path | None,
    typer.Option(
        "--requests",
        metavar="FILE",
        parser=as_path,
        help="A log that requests are written into: then they need not be inferred.",
        show_default=False,
        rich_help_panel=COURSE,
    ),
]
OrtProfile = Annotated[
    Path | None,
    typer.Option(
        "--ort-profile",
        metavar="FILE",
        parser=as_path,
        help="Instead: what ONNX Runtime's own profiler writes; several by wildcards (docs/marks.md).",
        show_default=False,
        rich_help_panel=COURSE,
    ),
]
Probes = Annotated[
    bool,
    typer.Option(
        "--probes",
        help="Instead: the kernel's probes on `Run`; needs root, and the C interface (docs/marks.md).",
        rich_help_panel=COURSE,
    ),
]
RequestsFormat = Annotated[
    LogFormat,
    typer.Option(
        "--requests-format",
        help="Of its lines: JSON with start_ns and end_ns, or an access log (docs/marks.md).",
        rich_help_panel=COURSE,
    ),
]


def refuse_two_sources(requests: Path | None, ort_profile: Path | None, *, probes: bool) -> None:
    """Raise `UsageError` where several are given: each request would count twice."""
    given = {
        "--requests": requests is not None,
        "--ort-profile": ort_profile is not None,
        "--probes": probes,
    }
    names = [name for name, there in given.items() if there]
    if len(names) > 1:
        raise UsageError(
            f"{' and '.join(names)} each say which requests there were", hint="leave all but one out"
        )
