"""`ortprof merge`: the shards of a study as one study again."""

from __future__ import annotations

from typing import Annotated

import typer

from profiler.cli.options.shared_options import REPORTS, Json, Open, Reports

EXAMPLES = """\
ortprof merge node1/reports/*-1of3 node2/reports/*-2of3 node3/reports/*-3of3
ortprof merge shards/* --reports reports"""


def merge(
    shards: Annotated[
        list[str],
        typer.Argument(
            metavar="DIR...", help="Study directories that `ortprof sweep --shard` made, or their ids."
        ),
    ],
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_report: Open = False,
) -> None:
    """Make one study of its shards: the same cells, as if one machine had run it all.

    The shards stay as they are. What is missing yet can be merged later: a repeated merge copies only what is
    new, and one that finds nothing new changes nothing. Runs that no shard has done are planned, so that
    `ortprof sweep DIR` does them here.
    """
    from profiler.cli.show_study import show_results
    from profiler.cli.terminal.console import monitoring
    from profiler.execute.merging import merge_studies
    from profiler.study.study_record import StudyDirectory, find_study

    directories = [StudyDirectory(find_study(shard, reports)) for shard in shards]
    with monitoring() as monitor:
        results = merge_studies(directories, reports, monitor)
    show_results(results, json_output=json_output)
    if open_report:
        typer.launch(str(results.directory.page.resolve()))
