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
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import Column, FittedTable
    from profiler.pages.compare.comparison_rows import ComparedRow, LineRow
    from profiler.study.compare.comparison import Comparison

EXAMPLES = """\
ortprof compare spin-on spin-off
ortprof compare spin-on spin-off -o page.html"""
SIDES = ("A", "B")
LONGEST_HEADING = 16
"""Characters of a side's label that a table has room for."""
CHANCE = "?"
"""Beside a difference, in whatever width."""

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
        console.print(f"Page: {path}", soft_wrap=True, markup=False)
    if open_page:
        typer.launch(str(path.resolve()))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what a reader of the terminal needs of a comparison."""
    from rich.text import Text

    from profiler.pages.compare.comparison_rows import figure_rows

    console.print(Text(comparison.headline, style="bold"))
    for sentence in comparison.details:
        console.print(Text(sentence))
    for difference in comparison.differences:
        console.print(Text(f"{difference.label}: {difference.before} → {difference.after}", style="cyan"))
    for caution in comparison.cautions:
        console.print(Text(caution, style="dim"))
    console.print()
    for letter, label in zip(SIDES, _labels(comparison), strict=True):
        if label != _heading(letter, label):
            console.print(Text(f"{letter}: {label}"))
    figures, parts = figure_rows(comparison.figures), _parts(comparison)
    tables = [_figures(comparison, figures), *(_lines(comparison, title, rows) for title, rows in parts)]
    for table in tables:
        console.print(table)
        console.print()
    unsure = [row.trend == "chance" for row in figures] + [row.chance for _, rows in parts for row in rows]
    if any(unsure):
        console.print(Text(f"{CHANCE} may be chance\n", style="dim"))


def _labels(comparison: Comparison) -> list[str]:
    return [side.label for side in comparison.pair.sides]


def _heading(letter: str, label: str) -> str:
    """Return what stands above a side's figures: not so much that none of their names would be left."""
    return label if len(label) <= LONGEST_HEADING else letter


def _parts(comparison: Comparison) -> list[tuple[str, list[LineRow]]]:
    """Return what CPU time and requests are made of, each with its title."""
    from profiler.pages.compare import comparison_rows

    parts: list[tuple[str, list[LineRow]]] = []
    if comparison.cpu:
        parts.append(("CPU time, ms a request", comparison_rows.kind_rows(comparison.cpu)))
    if comparison.parts:
        workers = [
            replace(row, name=f"  meanwhile workers {row.name}")
            for row in comparison_rows.meanwhile_rows(comparison.meanwhile)
        ]
        rows = [*comparison_rows.part_rows(comparison.parts), *workers]
        parts.append(("a request's time, ms", rows))
    return parts


def _table(comparison: Comparison, title: str, difference: str, *columns: Column) -> FittedTable:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word

    headings = map(_heading, SIDES, _labels(comparison))
    return FittedTable([name(title), *map(figure, headings), figure(difference), word(""), *columns])


def _figures(comparison: Comparison, rows: Sequence[ComparedRow]) -> FittedTable:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import prose

    styles = {"grows": "red", "shrinks": "green"}
    table = _table(comparison, "figure", "change", prose("95 % interval", rank=1))
    for row in rows:
        interval = Text(row.interval + row.why, style=styles.get(row.trend, "dim"))
        table.add(row.name, row.before, row.after, row.change, _mark(chance=row.trend == "chance"), interval)
    return table


def _lines(comparison: Comparison, title: str, rows: Sequence[LineRow]) -> FittedTable:
    table = _table(comparison, title, "difference")
    for row in rows:
        table.add(row.name, row.before, row.after, row.difference, _mark(chance=row.chance))
    return table


def _mark(*, chance: bool) -> Text:
    from rich.text import Text

    return Text(CHANCE if chance else "", style="dim")
