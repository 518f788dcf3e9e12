"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from profiler.spec.container import EngineName

Reports = Annotated[
    Path,
    typer.Option(
        "--reports", envvar="ORTPROF_REPORTS", metavar="DIR", help="Folder of run directories and reports."
    ),
]
REPORTS = Path("reports")

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout, and nothing else there.")
]

Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help="Run id, run directory, or a configuration's name (its latest run)."),
]

Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]

CpuLimit = Annotated[
    float | None,
    typer.Option("--cpu-limit", metavar="CPUS", help="CFS quota for the workload, as docker's --cpus."),
]
CpuPeriod = Annotated[
    float | None,
    typer.Option("--cpu-period", metavar="MS", help="The quota's period; without it, 100."),
]
CpuBurst = Annotated[
    float | None,
    typer.Option("--cpu-burst", metavar="MS", help="Unused quota to carry over."),
]

Engine = Annotated[
    EngineName | None,
    typer.Option("--container", help="Run the workload in a container; see docs/containers.md."),
]
Image = Annotated[
    str | None,
    typer.Option(
        "--image",
        metavar="IMAGE",
        help="The container's image.",
        show_default="ortprof, which `ortprof container build` makes",
    ),
]
