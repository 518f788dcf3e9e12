"""`ortprof check`: a gate for CI."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.grouped_help import BOUNDS, OUTPUT
from profiler.cli.options.numbers import number
from profiler.cli.options.output_file import as_output, console_beside
from profiler.cli.options.shared_options import REPORTS, Json, Reports
from profiler.errors import ExitCode, UsageError
from profiler.spec.ranges import BOUND

if TYPE_CHECKING:
    from rich.console import Console

    from profiler.study.check.bounds import Bound
    from profiler.study.check.result import Result

STYLES = {"passed": "green", "warning": "yellow", "failed": "red", "undecided": "red"}

EXAMPLES = """\
ortprof check spin-off --max-p95-ms 20 --max-cpu-ms 15
ortprof check reports/new --baseline reports/old --max-p95-increase 10%"""


def check(  # noqa: PLR0917 - but for the runs, each is an option
    run: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Runs, folders of runs, patterns such as 'reports/*-spin-off', studies or fleets. Runs of "
            "the same configuration, model, limit and load are repeats.",
        ),
    ],
    baseline: Annotated[
        list[str] | None,
        typer.Option(
            "--baseline",
            metavar="RUN",
            help="Likewise what to compare with; may be repeated.",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    max_cpu_increase: Annotated[
        str | None,
        typer.Option(
            "--max-cpu-increase",
            metavar="PERCENT",
            help="CPU time a request, over the baseline's: 10%",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    max_p95_increase: Annotated[
        str | None,
        typer.Option(
            "--max-p95-increase",
            metavar="PERCENT",
            help="p95 latency, over the baseline's: 10%",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    max_cpu_ms: Annotated[
        float | None,
        typer.Option(
            "--max-cpu-ms",
            metavar="MS",
            parser=number(BOUND),
            help="CPU time a request.",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    max_p95_ms: Annotated[
        float | None,
        typer.Option(
            "--max-p95-ms", metavar="MS", parser=number(BOUND), help="p95 latency.", rich_help_panel=BOUNDS
        ),
    ] = None,
    max_cpu_percent: Annotated[
        float | None,
        typer.Option(
            "--max-cpu-percent",
            metavar="N",
            parser=number(BOUND),
            help="CPU use, in percent of one core.",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    max_spin_share: Annotated[
        str | None,
        typer.Option(
            "--max-spin-share",
            metavar="PERCENT",
            help="Of the CPU time of profiled runs: 20%",
            rich_help_panel=BOUNDS,
        ),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option(
            "--junit",
            parser=as_output,
            metavar="FILE",
            help="Write JUnit XML, for a CI server; - for standard output.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(
            "--markdown",
            parser=as_output,
            metavar="FILE",
            help="Add a summary to a Markdown file: $GITHUB_STEP_SUMMARY",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Hold measured runs against bounds and a baseline; a gate for CI.

    What is beyond its bound fails (exit 1) where that is significant, and passes with a warning where it is
    not. What can't be decided, because there are too few requests, fails too, and says so. What a folder or
    a pattern has that can't be checked is left out and named (exit 2 where nothing fails). Give each side
    several runs, interleaved: one can't tell how much runs differ.
    """
    from profiler.cli.terminal.console import print_json
    from profiler.study.check.bounds import make_bounds
    from profiler.study.check.judge import Outcome
    from profiler.study.check.result import check as check_all
    from profiler.study.check.result import document
    from profiler.study.check.subjects import subjects

    bounds = make_bounds(
        cpu_increase=max_cpu_increase,
        p95_increase=max_p95_increase,
        cpu_ms=max_cpu_ms,
        p95_ms=max_p95_ms,
        cpu_percent=max_cpu_percent,
        spin_share=max_spin_share,
    )
    _match(bounds, baseline)
    console = console_beside(junit, markdown, json_output=json_output)
    result = check_all(subjects(run, baseline or [], reports), bounds)
    _write(result, junit, markdown)
    if json_output:
        print_json(document(result))
    else:
        _print(console, result)
    if result.outcome in {Outcome.FAILED, Outcome.UNDECIDED}:
        raise typer.Exit(ExitCode.CHECK_FAILED)
    if result.left_out:
        raise typer.Exit(ExitCode.BAD_INPUT)


def _match(bounds: list[Bound], baseline: list[str] | None) -> None:
    """Refuse a bound without what it is relative to, and a baseline that nothing is held against."""
    relative = any(bound.relative for bound in bounds)
    if relative and not baseline:
        raise UsageError("an increase is over a baseline", hint="give --baseline RUN")
    if baseline and not relative:
        raise UsageError(
            "--baseline is given, but no bound on an increase",
            hint="add --max-cpu-increase 10% or --max-p95-increase 10%",
        )


def _write(result: Result, junit: Path | None, markdown: Path | None) -> None:
    from profiler import files
    from profiler.study.check.junit import as_junit
    from profiler.study.check.markdown import as_markdown

    if junit is not None:
        with files.output(junit) as file:
            file.write(as_junit(result))
    if markdown is not None:
        # A job's page is one file that each of its steps adds to.
        with files.appending(markdown) as file:
            file.write(as_markdown(result).encode("utf-8", "replace"))


def _print(console: Console, result: Result) -> None:
    from rich.text import Text

    for checked in result.checked:
        console.print(Text(checked.subject.name, style="bold"))
        for check in checked.checks:
            outcome = Text(f"  {check.outcome.value:<10}", style=STYLES[check.outcome.value])
            line = f"{check.bound.quantity.value}, {check.bound.text}: {check.why}"
            console.print(Text.assemble(outcome, line), soft_wrap=True)
        for note in checked.subject.notes:
            console.print(Text(f"  {note}", style="dim"), soft_wrap=True)
    for left in result.left_out:
        console.print(Text(f"left out: {left.said}", style="yellow"), soft_wrap=True)
    console.print(Text(result.outcome.value, style=STYLES[result.outcome.value]))
