"""`ortprof runs`: list, prune and remove runs."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options import REPORTS, Json, Reports, Run

FIGURES = (("limit_cpus", "g"), ("cpu_ms_per_request", ".2f"), ("p95_ms", ".2f"), ("spin_share", ".0%"))
"""Keys of a run's overview, and how they are shown."""

app = typer.Typer(help="List, prune and remove runs.", invoke_without_command=True)


@app.callback()
def runs(context: typer.Context, reports: Reports = REPORTS, json_output: Json = False) -> None:
    """List the runs of a reports folder, the oldest first."""
    if context.invoked_subcommand:
        return
    from rich.table import Table
    from rich.text import Text

    from profiler import runs as store
    from profiler.cli.terminal import out, print_json

    rows = [store.overview(run) for run in store.list_runs(reports)]
    if json_output:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("run", no_wrap=True)
    for title in ("CPU limit", "CPU ms/request", "p95 ms", "spin"):
        table.add_column(title, justify="right")
    table.add_column("state")
    for row in rows:
        table.add_row(
            Text(row["run_id"]),
            *("-" if row[key] is None else format(row[key], form) for key, form in FIGURES),
            row["state"],
        )
    out().print(table)


@app.command()
def prune(
    reports: Reports = REPORTS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Drop perf.data of analysed runs, and what dead recordings left behind."""
    from profiler import runs as store

    freed = 0
    for path in store.prunable(reports):
        size = store.size_of(path)
        freed += size
        typer.echo(f"{path}  {size / 1e6:.1f} MB")
        if not dry_run:
            store.remove(path)
    typer.echo(f"{'would free' if dry_run else 'freed'} {freed / 1e6:.1f} MB", err=True)


@app.command("remove")
def remove_run(run: Run, reports: Reports = REPORTS) -> None:
    """Remove a run's directory."""
    from profiler import runs as store

    found = store.find(run, reports)
    store.remove(found.path)
    typer.echo(f"removed {found.path}", err=True)
