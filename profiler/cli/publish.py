"""`ortprof publish`: runs and studies into a store that others read."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.grouped_help import OUTPUT
from profiler.cli.options.shared_options import REPORTS, STORE_HELP, Reports, as_text
from profiler.cli.terminal.printable import tell
from profiler.errors import ExitCode

EXAMPLES = """\
ortprof publish --store /mnt/bench
ortprof publish 20261128T0024 --store s3://bench/ortprof"""


def publish(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN|STUDY|FLEET]...",
            help="Ids, or beginnings that no other has.",
            show_default="all of the reports folder",
        ),
    ] = None,
    *,
    store: Annotated[
        str,
        typer.Option("--store", parser=as_text, metavar="URL", help=STORE_HELP, rich_help_panel=OUTPUT),
    ],
    reports: Reports = REPORTS,
) -> None:
    """Put runs, studies and fleets into a store: their files without perf.data, and rows of its dataset.

    What the store has is not written again. `ortprof runs`, `show`, `compare` and others take --store;
    `ortprof query` asks SQL.
    """
    from profiler.cli.terminal.console import monitoring
    from profiler.findings.formats import count
    from profiler.fleet.fleet_record import find_fleet, list_fleets
    from profiler.fleet.publish import publish as put
    from profiler.fleet.store import open_store
    from profiler.run import runs
    from profiler.study.study_record import StudyDirectory, find_run_or_study

    if names:
        directories = [find_fleet(name, reports) or find_run_or_study(name, reports) for name in names]
    else:
        studies = map(StudyDirectory, runs.list_studies(reports))
        directories = [*runs.list_runs(reports), *studies, *list_fleets(reports)]
    with monitoring() as monitor:
        published = put(open_store(store), directories, monitor)
    present = len(directories) - published.written - published.left_out
    there = f"; {count(present, 'was', 'were')} there already" if present else ""
    left = f"; {count(published.left_out, 'was', 'were')} left out" if published.left_out else ""
    tell(f"published {count(published.written, 'run or study', 'runs and studies')} in {store}{there}{left}")
    if names and published.left_out:
        raise typer.Exit(ExitCode.BAD_INPUT)
