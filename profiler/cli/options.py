"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.errors import UsageError
from profiler.spec.container import EngineName

if TYPE_CHECKING:
    from profiler.listing.source_text import SourceOptions

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
SourceRoot = Annotated[
    Path | None,
    typer.Option(
        "--source-root",
        metavar="DIR",
        help="Source tree of the profiled build.",
        show_default="where the compiler found it",
    ),
]
NoSource = Annotated[
    bool, typer.Option("--no-source", help="Leave source text out; files and lines are named nonetheless.")
]


def source_options(root: Path | None, *, include: bool) -> SourceOptions:
    """Return what these two say; `UsageError` where there is no such folder."""
    from profiler.listing.source_text import SourceOptions

    if root is not None and not root.is_dir():
        raise UsageError(f"--source-root {root}: no such folder", hint="give the top of a source tree")
    return SourceOptions(root, include)


def parse_dims(entries: list[str]) -> dict[str, int]:
    """Return the sizes that --dim gives, by name; `UsageError` for what is not NAME=SIZE."""
    dims = {}
    for entry in entries:
        name, _, size = entry.rpartition("=")
        if not name or not size.isascii() or not size.isdigit() or not int(size):
            raise UsageError(f"--dim {entry!r} is not NAME=SIZE", hint="for example --dim sequence=128")
        dims[name] = int(size)
    return dims
