"""`ortprof show`: a run's verdict, figures and hottest functions in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from profiler.cli.options.shared_options import (
    REPORTS,
    RUN_HELP,
    Json,
    Price,
    Reports,
    Store,
    from_store,
    prices,
)
from profiler.cli.terminal.printable import UNKNOWN
from profiler.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from profiler.cli.terminal.fitted_table import FittedTable
    from profiler.execute.finished_run import FinishedRun
    from profiler.run.sections.cpu_section import CpuFigures, HotFunctionFigures
    from profiler.run.sections.load_section import PhaseFigures
    from profiler.run.summary import Summary
    from profiler.spec.limit import Limit

STYLES = {"effective": "green", "spin": "red", "overhead": "yellow", "other": "bright_black"}
HOT_ROWS = 10
BAR_WIDTH = 40
LEAST_FUNCTION = 34
"""Of a function's name: what rule found it, some of its library and the offset in it."""
LEAST_SHARE = 0.0005
"""Below, a kind of CPU time is a row of zeros."""

EXAMPLES = """\
ortprof show spin-off
ortprof show spin-off --json"""


def show(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN|STUDY|FLEET|TRIAL",
            help=f"{RUN_HELP} Or a study, by its id, directory or name, a fleet, or a trial.",
        ),
    ],
    *,
    price: Price = None,
    store: Store = None,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Print a run's verdict, figures and hottest functions, or what a study or a trial found."""
    from profiler.cli.terminal.console import out, print_json
    from profiler.fleet.fleet_record import find_fleet
    from profiler.run.summary import read_summary, to_document
    from profiler.study.study_record import StudyDirectory
    from profiler.study.trial.trial_directory import TrialDirectory, find_any

    name, costs = from_store(store, run, reports), prices(price)
    fleet = find_fleet(name, reports)
    if fleet is not None:
        from profiler.cli.show_fleet import show_fleet

        show_fleet(fleet, costs, json_output=json_output)
        return
    if costs:
        raise UsageError("--price is for a study over machine types", hint="leave it out")
    directory = find_any(name, reports)
    if isinstance(directory, TrialDirectory):
        from profiler.cli.show_trial import show_trial

        show_trial(directory, json_output=json_output)
        return
    if isinstance(directory, StudyDirectory):
        from profiler.cli.show_study import show_results  # a run needs none of its numpy
        from profiler.study.results import read_results

        show_results(read_results(directory.path), json_output=json_output)
        return
    summary = read_summary(directory)
    if json_output:
        print_json(to_document(summary))
    else:
        print_summary(out(), summary)


def show_finished(
    finished: FinishedRun, *, json_output: bool, open_report: bool, console: Console | None = None
) -> None:
    """Print what a run found, and where its report is; words go to `console`, or to standard output."""
    from profiler.cli.terminal.console import out, print_json
    from profiler.run.summary import to_document

    if json_output:
        print_json(to_document(finished.analysis.summary))
    else:
        console = console or out()
        print_summary(console, finished.analysis.summary)
        console.print(f"\nReport: {finished.run.report}", soft_wrap=True, markup=False)
    if open_report:
        typer.launch(str(finished.run.report.resolve()))


def print_summary(console: Console, summary: Summary) -> None:
    """Print a summary as people read it."""
    from rich.text import Text

    from profiler.cli.show_sections import operator_lines, prediction_lines, wait_lines
    from profiler.findings.verdict import verdict

    judged = verdict(summary)
    console.print(Text(f"{summary.run_id}{_place(summary)}", style="dim"))
    console.print(Text(judged.headline, style="bold"))
    for sentence in (*judged.details, *judged.advice):
        console.print(Text(sentence))
    for doubt in judged.doubts:
        console.print(Text(doubt, style="dim"))
    for condition in _conditions(summary):
        console.print(Text(condition, style="dim"))
    for table in _tables(summary):
        console.print()
        console.print(table)
    for line in (*prediction_lines(summary), *wait_lines(summary), *operator_lines(summary)):
        console.print(Text(line))
    for warning in summary.warnings:
        console.print(Text(f"ONNX Runtime warned: {warning}", style="yellow"))
    for missing in summary.unavailable:
        hint = f" ({missing.hint})" if missing.hint else ""
        console.print(Text(f"not available: {missing.what}: {missing.why}{hint}", style="yellow"))


def _conditions(summary: Summary) -> Iterator[str]:
    """Yield how the profile was taken, and what that cost where the verdict does not say so."""
    from profiler.findings.counted import counted
    from profiler.findings.observer import disturbance, observer_cost, observer_share
    from profiler.run.summary import available

    perf = available(summary.perf)
    if perf is not None and perf.scope_reason:
        yield counted(perf)
    if observer_share(summary) is not None and disturbance(summary) is None:
        yield f"observer cost: {observer_cost(summary)}"


def _place(summary: Summary) -> str:
    container = summary.container
    return f", in {container.engine.value}, image {container.image}" if container is not None else ""


def _tables(summary: Summary) -> Iterator[FittedTable]:
    """Yield a table for each section that has figures."""
    from profiler.cli.show_sections import (
        anatomy_table,
        operators_table,
        part_tables,
        predictions_table,
        waits_table,
    )
    from profiler.run.summary import available

    if any(_phases(summary)):
        yield _figures(summary)
    yield from part_tables(summary)
    predictions = predictions_table(summary)
    if predictions is not None:
        yield predictions
    if summary.limit is not None:
        yield _limit(summary, summary.limit)
    cpu, request, waits = available(summary.cpu), available(summary.request), available(summary.waits)
    if cpu is not None:
        yield _cpu(cpu, available(summary.profiled))
    if request is not None:
        yield anatomy_table(request, inferred=summary.requests_inferred)
    if waits is not None:
        yield waits_table(waits)
    if summary.hot:
        yield _hot(summary.hot)
    operators = operators_table(summary)
    if operators is not None:
        yield operators


def _number(value: float | None, digits: int = 2) -> str:
    return UNKNOWN if value is None else f"{value:,.{digits}f}"


def _figures(summary: Summary) -> FittedTable:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, word
    from profiler.findings.attached import knows_requests, told

    ranks = {"mean ms": 3, "p99": 2, "seconds": 4, "max": 1}
    titles = ("seconds", "requests", "CPU %", "CPU ms/req", "mean ms", "p50", "p95", "p99", "max")
    table = FittedTable([word("phase"), *(figure(title, ranks.get(title, 0)) for title in titles)])
    for name, phase in _phases(summary):
        latency = phase.latency_ms
        # Inferred ones are those of the profile phase alone.
        known = knows_requests(summary) and (phase.requests > 0 or told(summary))
        table.add(
            name,
            _number(phase.seconds, 1),
            str(phase.requests) if known else UNKNOWN,
            _number(phase.cpu_percent),
            _number(phase.cpu_ms_per_request),
            *map(_number, (latency.mean, latency.p50, latency.p95, latency.p99, latency.max)),
        )
    return table


def _limit(summary: Summary, limit: Limit) -> FittedTable:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, word
    from profiler.findings.load.cpu_limit import limit_text

    titles = ("periods", "throttled", "stopped ms", "a request: mean ms", "p95 request", "max")
    ranks = {"periods": 2, "max": 1}
    first = word(f"limit: {limit_text(limit)}")
    table = FittedTable([first, *(figure(title, ranks.get(title, 0)) for title in titles)])
    for name, phase in _phases(summary):
        throttled = phase.throttled
        if throttled is None:
            continue
        waited = throttled.per_request_ms
        table.add(
            name,
            str(throttled.periods),
            str(throttled.throttled_periods),
            _number(throttled.stopped_ms, 1),
            *map(_number, (waited.mean, waited.p95_request, waited.max)),
        )
    return table


def _phases(summary: Summary) -> Iterator[tuple[str, PhaseFigures]]:
    """Yield the phases that ran, each with its name."""
    from profiler.run.summary import available

    for name, section in (("measured", summary.measured), ("profiled", summary.profiled)):
        phase = available(section)
        if phase is not None:
            yield name, phase


def _cpu(cpu: CpuFigures, profiled: PhaseFigures | None) -> FittedTable:
    from rich.bar import Bar

    from profiler.cli.terminal.fitted_table import Column, FittedTable, figure, word
    from profiler.run.kinds import Kind

    requests = profiled.requests if profiled is not None and not profiled.requests_unknown_of else 0
    bars = Column(title="", right=False, rank=1, widths=(10, BAR_WIDTH))
    table = FittedTable([word("CPU time"), bars, figure("share"), figure("ms"), figure("ms/req")])
    for kind in sorted(Kind, key=lambda kind: -cpu.by_kind[kind]):
        spent = cpu.by_kind[kind]
        share = cpu.share(kind)
        if share < LEAST_SHARE:
            continue
        bar = Bar(1, 0, max(share, 1 / BAR_WIDTH), color=STYLES[kind.category.value])
        per_request = _number(spent / requests) if requests else UNKNOWN
        table.add(kind.value, bar, f"{share:.1%}", _number(spent, 1), per_request)
    return table


def _hot(rows: list[HotFunctionFigures]) -> FittedTable:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name, word
    from profiler.findings.function_names import fit
    from profiler.pages.run.hot_rows import place_of

    places = [place_of(row).rpartition("/")[2] for row in rows[:HOT_ROWS]]
    function = name("function", least=LEAST_FUNCTION, fit=fit)
    columns = [figure("self"), figure("total"), word("kind", 1), word("evidence", 3), function]
    table = FittedTable([*columns, *([name("line", 2)] if any(places) else [])])
    for row, place in zip(rows, places, strict=False):
        library = "" if row.library in row.symbol else f"  {row.library}"
        table.add(
            f"{row.self_share:.1%}",
            f"{row.total_share:.1%}",
            Text(row.kind.value, style=STYLES[row.category.value]),
            row.evidence.value,
            row.symbol + library,
            *([place] if any(places) else []),
        )
    return table
