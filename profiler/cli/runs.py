"""`ortprof runs`: list, prune and remove runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from profiler.cli.options.grouped_help import CommandGroup, GroupedCommand
from profiler.cli.options.shared_options import REPORTS, Json, Reports, Store
from profiler.cli.terminal.printable import UNKNOWN, say, tell
from profiler.errors import UsageError

if TYPE_CHECKING:
    from profiler.cli.terminal.fitted_table import FittedTable
    from profiler.fleet.fleet_record import FleetDirectory
    from profiler.run.directory import RunDirectory

PAGE = 100
"""Runs that are listed at once."""
MOST_LISTED = 20
"""Fleets, and trials, that are listed."""
FIGURES = {
    "limit_cpus": ("CPU limit", "g"),
    "cpu_ms_per_request": ("CPU ms/request", ".2f"),
    "p95_ms": ("p95 ms", ".2f"),
    "spin_share": ("spin", ".0%"),
}
"""Titles of a run's figures, and how they are written."""
RANKS = {"limit_cpus": 3, "spin_share": 2}
"""What is left out first where there is no room."""
WHOLE_NAME = 64
"""Characters of a run's id, which is typed: other columns go sooner than it is cut."""

app = typer.Typer(
    cls=CommandGroup,
    help="List, prune and remove runs.",
    epilog="ortprof runs\nortprof runs --store s3://bench/ortprof --page 2",
    invoke_without_command=True,
)


@app.callback()
def runs(
    context: typer.Context,
    page: Annotated[
        int | None,
        typer.Option(
            "--page",
            metavar="N",
            min=1,
            max=1_000_000,
            help=f"Page of {PAGE} runs; 1 has the latest.",
            show_default="1; all with --json",
        ),
    ] = None,
    store: Store = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """List the runs of a reports folder or a store, the oldest first."""
    if context.invoked_subcommand:
        return
    from profiler.cli.terminal.console import out, print_json

    most = sys.maxsize if json_output and page is None else PAGE
    number = page or 1
    rows, older = (_here if store is None else _there)(store or reports, most, (number - 1) * PAGE)
    if json_output:
        print_json(rows)
        return
    out().print(_table(rows))
    if not rows:
        tell(f"there is no run in {store or reports}{f' on page {number}' if number > 1 else ''}")
    if older:
        say(f"and older ones: --page {number + 1}")
    if store is None and number == 1:
        _list_others(reports)


def _list_others(reports: Path) -> None:
    """Say which studies, fleets and trials there are beside the runs."""
    from profiler.findings.formats import count
    from profiler.fleet.fleet_record import list_fleets
    from profiler.run import runs

    studies = len(runs.list_studies(reports))
    if studies:
        say(f"and {count(studies, 'study', 'studies')}: `ortprof sweep --list` lists them")
    fleets = list_fleets(reports)
    if fleets:
        say(f"and {count(len(fleets), 'fleet')}, which `ortprof show` shows:")
    for fleet in fleets[-MOST_LISTED:]:
        say(f"  {fleet.fleet_id}  {_machines(fleet)}")
    trials = runs.list_trials(reports)
    if trials:
        say(f"and {count(len(trials), 'trial')}, which `ortprof show` shows:")
    for path in trials[-MOST_LISTED:]:
        say(f"  {path.name}  {_how_far(path)}")


def _machines(fleet: FleetDirectory) -> str:
    """Return how many types of machine a fleet is of."""
    from profiler.findings.formats import count
    from profiler.fleet.fleet_record import read_fleet

    try:
        return count(len(read_fleet(fleet).machines), "machine type")
    except UsageError as error:
        return f"unreadable: {error.message}"


def _how_far(path: Path) -> str:
    """Return how far a trial has gone, and what it says so far."""
    from profiler.study.trial.trial_record import read_trial
    from profiler.study.trial.verdict import judge

    try:
        trial = read_trial(path)
    except UsageError as error:
        return f"unreadable: {error.message}"
    left = trial.left()
    state = f"{left} runs left; " if left else ""
    return f"{state}{judge(trial).headline}"


def _here(reports: Any, most: int, skip: int) -> tuple[list[dict[str, Any]], bool]:
    from profiler.run import runs

    latest, older = runs.latest_runs(reports, most, skip)
    return [_row(run) for run in latest], older


def _there(url: Any, most: int, skip: int) -> tuple[list[dict[str, Any]], bool]:
    from profiler.fleet.listing import list_runs
    from profiler.fleet.store import open_store

    return list_runs(open_store(url).require_there(), most, skip)


def _row(run: RunDirectory) -> dict[str, Any]:
    """Return a run's line as JSON has it: what is not known, or not to be read, is None."""
    from profiler.run.summary import available, read_summary

    row: dict[str, Any] = {"run_id": run.run_id, "ort": None, **dict.fromkeys(FIGURES)}
    try:
        summary = read_summary(run)
    except UsageError:
        return row | {"state": "unreadable" if os.path.lexists(run.summary) else "not analysed"}
    measured = available(summary.measured)
    return row | {
        "ort": summary.runtime,
        "limit_cpus": summary.limit and summary.limit.cpus,
        "cpu_ms_per_request": measured and measured.cpu_ms_per_request,
        "p95_ms": measured and measured.latency_ms.p95,
        "spin_share": summary.spin_share,
        "state": "complete" if summary.complete else "interrupted",
    }


def _table(rows: list[dict[str, Any]]) -> FittedTable:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word

    # Most folders are of one build, and terminals are narrow.
    several = len({row["ort"] for row in rows} - {None}) > 1
    figures = [figure(title, rank=RANKS.get(key, 0)) for key, (title, _) in FIGURES.items()]
    table = FittedTable(
        [
            name("run", least=WHOLE_NAME),
            *([word("ONNX Runtime", rank=1)] if several else []),
            *figures,
            word("state", rank=1),
        ]
    )
    for row in rows:
        table.add(
            row["run_id"],
            *([row["ort"] or UNKNOWN] if several else []),
            *(UNKNOWN if row[key] is None else format(row[key], form) for key, (_, form) in FIGURES.items()),
            row["state"],
        )
    return table


@app.command(cls=GroupedCommand, epilog="ortprof runs prune --dry-run")
def prune(
    reports: Reports = REPORTS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Drop perf.data of analysed runs, and what dead recordings left behind."""
    from profiler.record import temporary
    from profiler.record.limit import cgroup, confinement
    from profiler.run import pruning, runs

    for folder in runs.run_folders(reports):
        for run in pruning.abandoned(folder) if dry_run else pruning.rescue(folder):
            if run.manifest.is_file():
                name = run.path.relative_to(reports).with_name(run.run_id)
                tell(f"{name} was cut off; `ortprof report {name}` makes a report of what there is")
    freed = 0
    for path in (*pruning.prunable(reports), *temporary.leftovers()):
        size = pruning.size_of(path)
        freed += size
        say(f"{path}  {size / 1e6:.1f} MB")
        if not dry_run:
            pruning.remove(path)
    for folder in confinement.leftovers():
        if dry_run or cgroup.remove(folder):
            say(f"{folder}  cgroup of a run that was killed")
    tell(f"{'would free' if dry_run else 'freed'} {freed / 1e6:.1f} MB")


@app.command("remove", cls=GroupedCommand, epilog="ortprof runs remove 20261128T0024")
def remove_run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Run id, or a beginning that no other has.")],
    reports: Reports = REPORTS,
) -> None:
    """Remove a run's directory."""
    from profiler.run import pruning, runs

    if not runs.is_run(reports / run):
        begun = runs.only_beginning(run, [listed.path for listed in runs.list_runs(reports)], "runs")
        run = run if begun is None else begun.name
    tell(f"removed {pruning.remove_run(run, reports)}")
