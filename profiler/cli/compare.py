"""`ortprof compare`: two runs, or two cells of a study, side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import OUTPUT
from profiler.cli.options.output_file import as_output, console_beside, is_stdout
from profiler.cli.options.shared_options import (
    REPORTS,
    RUN_HELP,
    Json,
    Open,
    Reports,
    Store,
    from_store,
)
from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from profiler.cli.terminal.fitted_table import Column, FittedTable
    from profiler.pages.compare.comparison_rows import LineRow
    from profiler.study.compare.comparison import Comparison

EXAMPLES = """\
ortprof compare spin-on spin-off
ortprof compare spin-on spin-off -o page.html"""

Before = Annotated[str, typer.Argument(metavar="A", help=RUN_HELP)]
After = Annotated[str, typer.Argument(metavar="B", help="Likewise; what changes from A to B is shown.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        parser=as_output,
        metavar="FILE",
        help="Where to write the page; - for standard output. Without it: into the reports folder.",
        rich_help_panel=OUTPUT,
    ),
]


def compare(
    before: Before,
    after: After,
    *,
    output: Output = None,
    store: Store = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
    open_page: Open = False,
) -> None:
    """Compare two runs: figures with confidence intervals, CPU time, requests, waits, functions.

    Runs of one study are compared by all repeats of their cells.
    """
    from profiler.cli.terminal.console import monitoring, print_json
    from profiler.pages.compare.comparison_page import page_path, write_page
    from profiler.study.compare.comparison import compare_pair
    from profiler.study.compare.comparison_document import document
    from profiler.study.compare.sides import read_pair

    console = console_beside(output, json_output=json_output)
    if open_page and output is not None and is_stdout(output):
        raise UsageError("a page on standard output can't be opened", hint="give -o a file")
    before, after = (from_store(store, name, reports) for name in (before, after))
    with monitoring() as monitor:
        pair = read_pair(before, after, reports, monitor.step)
        monitor.step("comparing")
        comparison = compare_pair(pair)
        path = output or page_path(pair, reports)
        write_page(comparison, path)
    if json_output:
        print_json(document(comparison))
    else:
        print_comparison(console, comparison)
        console.print(f"\nPage: {path}", soft_wrap=True, markup=False)
    if open_page:
        typer.launch(str(path.resolve()))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what a reader of the terminal needs of a comparison."""
    from rich.text import Text

    console.print(Text(comparison.headline, style="bold"))
    for sentence in comparison.details:
        console.print(Text(sentence))
    for difference in comparison.differences:
        console.print(Text(f"{difference.label}: {difference.before} → {difference.after}", style="cyan"))
    for caution in comparison.cautions:
        console.print(Text(caution, style="dim"))
    for table in _tables(comparison):
        console.print()
        console.print(table)


def _tables(comparison: Comparison) -> Iterator[FittedTable]:
    from profiler.pages.compare import comparison_rows

    yield _figures(comparison)
    if comparison.cpu:
        yield _lines(comparison, "CPU time, ms a request", comparison_rows.kind_rows(comparison.cpu))
    if comparison.parts:
        workers = [
            replace(row, name=f"  meanwhile workers {row.name}")
            for row in comparison_rows.meanwhile_rows(comparison.meanwhile)
        ]
        rows = [*comparison_rows.part_rows(comparison.parts), *workers]
        yield _lines(comparison, "a request's time, ms", rows)


def _table(comparison: Comparison, title: str, *columns: Column) -> FittedTable:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name

    sides = [figure(side.label) for side in comparison.pair.sides]
    return FittedTable([name(title), *sides, *columns])


def _figures(comparison: Comparison) -> FittedTable:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import figure, prose
    from profiler.pages.compare.comparison_rows import figure_rows

    styles = {"grows": "red", "shrinks": "green"}
    table = _table(comparison, "figure", figure("change"), prose("95 % interval", rank=1))
    for row in figure_rows(comparison.figures):
        doubt = ": may be chance" if row.trend == "chance" else row.why
        interval = Text(row.interval + doubt, style=styles.get(row.trend, "dim"))
        table.add(row.name, row.before, row.after, row.change, interval)
    return table


def _lines(comparison: Comparison, title: str, rows: Sequence[LineRow]) -> FittedTable:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import figure, word

    table = _table(comparison, title, figure("difference"), word("chance", rank=1))
    for row in rows:
        chance = Text("may be chance" if row.chance else "", style="dim")
        table.add(row.name, row.before, row.after, row.difference, chance)
    return table
