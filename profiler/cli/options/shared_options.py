"""Options that several commands share."""

from __future__ import annotations

import errno
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import COURSE, OUTPUT
from profiler.errors import UsageError

if TYPE_CHECKING:
    from profiler.listing.source_text import SourceOptions
    from profiler.study.study_record import StudyDirectory


TOO_LONG_SHOWN = 40
"""Characters that tell which one is too long."""


def as_text(given: object) -> str:
    """Return a path as it was written: `./x` is not `x`. `ValueError` for an empty one, which is no file."""
    if not str(given):
        raise ValueError("'': a path, not nothing")
    return str(given)


def as_path(given: object) -> Path:
    """Return a path; `ValueError` for an empty one, which would be the current folder, and one too long."""
    path = Path(as_text(given))
    try:
        path.lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ValueError(
                f"{str(path)[:TOO_LONG_SHOWN]}...: longer than a path or a name in it may be"
            ) from error
    return path


Reports = Annotated[
    Path,
    typer.Option(
        "--reports",
        parser=as_path,
        envvar="ORTPROF_REPORTS",
        metavar="DIR",
        help="Folder of run directories and reports.",
        rich_help_panel=OUTPUT,
    ),
]
REPORTS = Path("reports")

Follow = Annotated[
    bool,
    typer.Option(
        "--follow",
        help="Their children too, also those that they start meanwhile.",
        rich_help_panel=COURSE,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print one JSON document on stdout, and nothing else there.",
        rich_help_panel=OUTPUT,
    ),
]

RUN_HELP = (
    "Run id, or a beginning that no other has; run directory, or a file in it, such as its report; "
    "or a configuration's name (its latest complete run)."
)
Run = Annotated[
    str,
    typer.Argument(metavar="RUN", help=RUN_HELP),
]

Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.", rich_help_panel=OUTPUT)]

STORE_HELP = "Store of many machines' runs: a folder, s3://bucket/folder (docs/fleet.md)."
Store = Annotated[
    str | None,
    typer.Option("--store", parser=as_text, metavar="URL", help=STORE_HELP, rich_help_panel=OUTPUT),
]

Price = Annotated[
    list[str] | None,
    typer.Option(
        "--price",
        metavar="TYPE=COST",
        help="Of a fleet: what a machine type, by a part of its name, costs an hour. Can be repeated.",
        rich_help_panel=OUTPUT,
    ),
]

SourceRoot = Annotated[
    Path | None,
    typer.Option(
        "--source-root",
        parser=as_path,
        metavar="DIR",
        help="Source tree of the profiled build.",
        show_default="where the compiler found it",
        rich_help_panel=OUTPUT,
    ),
]
NoSource = Annotated[
    bool,
    typer.Option(
        "--no-source",
        help="Leave source text out; files and lines are named nonetheless.",
        rich_help_panel=OUTPUT,
    ),
]


def source_options(root: Path | None, *, include: bool) -> SourceOptions:
    """Return what these two say; `UsageError` where there is no such folder."""
    from profiler.listing.source_text import SourceOptions

    if root is not None and not root.is_dir():
        raise UsageError(f"--source-root {root}: no such folder", hint="give the top of a source tree")
    return SourceOptions(root, include)


def from_store(store: str | None, name: str, reports: Path) -> str:
    """Return a name as it is, or, with a store, the directory that it was fetched into."""
    if store is None:
        return name
    from profiler.fleet.fetch import fetch
    from profiler.fleet.store import open_store

    return str(fetch(open_store(store).require_there(), name, reports))


def put_into_store(store: str | None, study: StudyDirectory) -> None:
    """Publish a study, where there is a store."""
    if store is None:
        return
    from profiler.cli.terminal.console import monitoring
    from profiler.fleet.publish import publish
    from profiler.fleet.store import open_store

    with monitoring() as monitor:
        publish(open_store(store), [study], monitor)


def prices(given: list[str] | None) -> dict[str, float]:
    """Return what --price says: costs by parts of machine types' names; `UsageError` for anything else."""
    costs = {}
    for text in given or []:
        part, _, amount = text.rpartition("=")
        try:
            costs[part] = float(amount)
        except ValueError:
            costs[part] = math.nan
        if not part or not 0 <= costs[part] < math.inf:
            raise UsageError(f"--price {text}: TYPE=COST, as in epyc=0.17")
    return costs
