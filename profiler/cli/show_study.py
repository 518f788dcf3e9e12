"""What `ortprof sweep` prints: the list of studies, a plan, and what a study found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from profiler.cli.terminal.printable import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from profiler.spec.study import Study
    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.results import StudyResults
    from profiler.study.study_record import StudyDirectory, StudyRecord


LESS_WANTED = {"p50 ms": 4, "throttled": 3, "of one core": 2, "spinning": 1}
"""Figures that are left out first where there is no room; an interval is never left from its figure."""


def print_studies(console: Console, reports: Path) -> None:
    """Print the shipped studies, and those of a reports folder."""
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, name, prose, word
    from profiler.errors import UsageError
    from profiler.run import runs
    from profiler.spec.study_file import shipped_studies
    from profiler.study.study_record import State, StudyDirectory, read_record

    shipped = FittedTable([word("shipped"), prose("what it is about")])
    for label, study in shipped_studies().items():
        shipped.add(label, study.title)
    console.print(shipped)
    begun = FittedTable([name(f"in {reports}", least=26), word("runs"), prose("state")])
    for path in runs.list_studies(reports):
        try:
            record = read_record(StudyDirectory(path))
        except UsageError as error:
            begun.add(path.name, UNKNOWN, Text(error.message, style="yellow"))
            continue
        count = Counter(run.state for run in record.schedule)
        state = "complete" if record.complete else "to be gone on with"
        failed = f", {count[State.FAILED]} failed" if count[State.FAILED] else ""
        begun.add(path.name, f"{count[State.DONE]} of {len(record.mine)}", state + failed)
    if begun.rows:
        console.print()
        console.print(begun)


def print_plan(console: Console, record: StudyRecord, directory: StudyDirectory | None) -> None:
    """Print what is to be run, and how long that should take; of a study that goes on, what is left."""
    from rich.text import Text

    from profiler.findings.formats import count, duration
    from profiler.study.cells import cell_key
    from profiler.study.plan import seconds_left
    from profiler.study.study_record import State

    states = Counter(run.state for run in record.schedule)
    left = states[State.PLANNED] + states[State.RUNNING]
    cells, runs = count(len(record.cells), "cell"), count(len(record.mine), "run")
    if directory is None:
        part = f", shard {record.shard}" if record.shard else ""
        left_words = duration(seconds_left(record))
        console.print(Text(f"{record.study.name}{part}: {cells}, {runs}, about {left_words}"))
    else:
        if left:
            console.print(Text(f"going on with {directory.study_id}: {left} of {runs} are left"))
            console.print(Text(f"about {duration(seconds_left(record))}"))
        else:
            console.print(
                Text(f"{directory.study_id} is complete: nothing is left to run; --fresh runs it anew")
            )
        return
    refused = {run.cell: run.why for run in record.schedule if run.state is State.REFUSED}
    repeats = Counter(run.cell for run in record.mine)
    for position, cell in enumerate(record.cells):
        workload = cell.workload
        phases = f"{workload.warmup_seconds:g} + {workload.measure_seconds:g} s"
        if workload.profile_seconds:
            phases += f", once + {workload.profile_seconds:g} s"
        line = Text(f"  {cell_key(cell).words}: {repeats[position]} x ({phases})")
        if position in refused:
            line.append(f" left out: {refused[position]}", style="yellow")
        console.print(line, soft_wrap=True)


def show_results(results: StudyResults, *, json_output: bool) -> None:
    """Print what a study found on stdout: as JSON, or as people read it."""
    from profiler.cli.terminal.console import out, print_json
    from profiler.study.study_document import study_document

    if json_output:
        print_json(study_document(results))
    else:
        print_study(out(), results)


def print_study(console: Console, results: StudyResults) -> None:
    """Print a study's figures, a table for each group of cells that are to be compared."""
    from rich.text import Text

    from profiler.study.cell_figures import curves, grouped, study_figures
    from profiler.study.knee import find_knees
    from profiler.study.sentences import group_sentences, knee_sentences

    rows = study_figures(results)
    console.print(Text(results.directory.study_id, style="dim"))
    for group, mine in grouped(rows).items():
        console.print()
        console.print(Text(group.words, style="bold"))
        _print_table(console, mine)
        for sentence in group_sentences(mine):
            console.print(Text(sentence))
    _print_published(console, results.study, rows)
    knees = knee_sentences(find_knees(curves(rows)))
    if knees:
        console.print()
    for sentence in knees:
        console.print(Text(sentence))
    console.print(f"\nPage: {results.directory.page}", soft_wrap=True, markup=False)


def _print_table(console: Console, rows: list[CellFigures]) -> None:
    from rich.text import Text

    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.study.sentences import overload_note

    columns: list[tuple[str, Callable[[CellFigures], str]]] = [
        ("CPU ms/req", lambda row: _figure(row.cpu_ms)),
        ("of one core", lambda row: UNKNOWN if row.cpu_percent is None else f"{row.cpu_percent:.1f} %"),
        ("p50 ms", lambda row: _figure(row.p50_ms)),
        ("p95 ms", lambda row: _figure(row.p95_ms)),
        ("throttled", lambda row: _share(row.throttled_share)),
        ("spinning", lambda row: _share(row.spin_share)),
    ]
    table = FittedTable(
        [name("configuration"), *(figure(title, LESS_WANTED.get(title, 0)) for title, _ in columns)]
    )
    notes = []
    for row in rows:
        table.add(row.key.configuration, *(of(row) for _, of in columns))
        if row.overloaded:
            notes.append(f"{row.key.configuration}: {overload_note(row)}")
        whys = [*filter(None, [row.cell.mixed]), *row.cell.failures]
        notes += [f"{row.key.configuration}: {why}" for why in whys]
    console.print(table)
    for note in notes:
        console.print(Text(note, style="yellow"))


def _print_published(console: Console, study: Study, rows: list[CellFigures]) -> None:
    """Print published figures beside ours, each with its ratio to the first configuration's."""
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name
    from profiler.study.published import beside_text, published_rows

    titles = ("of one core: here", "there", "mean ms: here", "there")
    for (source, model, limit), mine in published_rows(study, rows).items():
        table = FittedTable([name(f"{model}, {limit}, beside {source}"), *map(figure, titles)])
        for row in mine:
            table.add(row.configuration, *beside_text(row.cpu_percent), *beside_text(row.latency_ms))
        console.print()
        console.print(table)


def _figure(figure: Estimate | None) -> str:
    from profiler.study.interval_words import figure_text

    return UNKNOWN if figure is None else figure_text(figure)


def _share(share: float | None) -> str:
    from profiler.findings.formats import percent

    return UNKNOWN if share is None else percent(share)
