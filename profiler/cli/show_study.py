"""What `ortprof sweep` prints: the list of studies, a plan, and what a study found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from profiler.cli.show import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from profiler.spec.study import Study
    from profiler.study.cell_figures import CellFigures, Estimate
    from profiler.study.results import StudyResults
    from profiler.study.study_record import StudyDirectory, StudyRecord


WIDE = 110
"""Columns of a terminal from which on there is room for confidence intervals."""
NARROW = 78
"""Below, there is none for all of the figures."""
LESS_WANTED = ("of one core", "p50 ms")


def print_studies(console: Console, reports: Path) -> None:
    """Print the shipped studies, and those of a reports folder."""
    from rich.table import Table
    from rich.text import Text

    from profiler.errors import UsageError
    from profiler.run import runs
    from profiler.spec.study import shipped_studies
    from profiler.study.study_record import State, StudyDirectory, read_record

    shipped = Table("shipped", "what it is about", box=None, pad_edge=False, header_style="bold")
    for name, study in shipped_studies().items():
        shipped.add_row(name, Text(study.title))
    console.print(shipped)
    begun = Table(f"in {reports}", "runs", "state", box=None, pad_edge=False, header_style="bold")
    for path in runs.list_studies(reports):
        try:
            record = read_record(StudyDirectory(path))
        except UsageError as error:
            begun.add_row(Text(path.name), UNKNOWN, Text(error.message, style="yellow"))
            continue
        count = Counter(run.state for run in record.schedule)
        state = "complete" if record.complete else "to be gone on with"
        failed = f", {count[State.FAILED]} failed" if count[State.FAILED] else ""
        begun.add_row(Text(path.name), f"{count[State.DONE]} of {len(record.schedule)}", state + failed)
    if begun.row_count:
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
    cells, runs = count(len(record.cells), "cell"), count(len(record.schedule), "run")
    if directory is None:
        console.print(Text(f"{record.study.name}: {cells}, {runs}, about {duration(seconds_left(record))}"))
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
    repeats = Counter(run.cell for run in record.schedule)
    for position, cell in enumerate(record.cells):
        workload = cell.workload
        phases = f"{workload.warmup_seconds:g} + {workload.measure_seconds:g} s"
        if workload.profile_seconds:
            phases += f", once + {workload.profile_seconds:g} s"
        line = Text(f"  {cell_key(cell).words}: {repeats[position]} x ({phases})")
        if position in refused:
            line.append(f" left out: {refused[position]}", style="yellow")
        console.print(line, soft_wrap=True)


def print_study(console: Console, results: StudyResults) -> None:
    """Print a study's figures, a table for each group of cells that are to be compared."""
    from rich.text import Text

    from profiler.study.cell_figures import curves, grouped, study_figures
    from profiler.study.knee import find_knees
    from profiler.study.sentences import knee_sentences, tradeoff_sentences

    rows = study_figures(results)
    console.print(Text(results.directory.study_id, style="dim"))
    for group, mine in grouped(rows).items():
        console.print()
        console.print(Text(group.words, style="bold"))
        _print_table(console, mine)
        for sentence in tradeoff_sentences(mine):
            console.print(Text(sentence))
    _print_published(console, results.study, rows)
    knees = knee_sentences(find_knees(curves(rows)))
    if knees:
        console.print()
    for sentence in knees:
        console.print(Text(sentence))
    console.print(f"\nPage: {results.directory.page}", soft_wrap=True, markup=False)


def _print_table(console: Console, rows: list[CellFigures]) -> None:
    from rich.table import Table
    from rich.text import Text

    from profiler.study.sentences import overload_note

    text = _with_interval if console.width >= WIDE else _value
    columns: list[tuple[str, Callable[[CellFigures], str]]] = [
        ("CPU ms/req", lambda row: text(row.cpu_ms)),
        ("of one core", lambda row: UNKNOWN if row.cpu_percent is None else f"{row.cpu_percent:.1f} %"),
        ("p50 ms", lambda row: text(row.p50_ms)),
        ("p95 ms", lambda row: text(row.p95_ms)),
        ("throttled", lambda row: _share(row.throttled_share)),
        ("spinning", lambda row: _share(row.spin_share)),
    ]
    if console.width < NARROW:
        columns = [column for column in columns if column[0] not in LESS_WANTED]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("configuration")
    for title, _ in columns:
        table.add_column(title, justify="right", no_wrap=True)
    notes = []
    for row in rows:
        table.add_row(Text(row.key.configuration), *(of(row) for _, of in columns))
        if row.overloaded:
            notes.append(f"{row.key.configuration}: {overload_note(row)}")
        notes += [f"{row.key.configuration}: {why}" for why in row.cell.failures]
    console.print(table)
    for note in notes:
        console.print(Text(note, style="yellow"))


def _print_published(console: Console, study: Study, rows: list[CellFigures]) -> None:
    """Print published figures beside ours, each with its ratio to the first configuration's."""
    from rich.table import Table
    from rich.text import Text

    from profiler.study.published import beside_text, published_rows

    for (source, model, limit), mine in published_rows(study, rows).items():
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column(Text(f"{model}, {limit}, beside {source}"))
        for title in ("of one core: here", "there", "mean ms: here", "there"):
            table.add_column(title, justify="right", no_wrap=True)
        for row in mine:
            table.add_row(
                Text(row.configuration), *beside_text(row.cpu_percent), *beside_text(row.latency_ms)
            )
        console.print()
        console.print(table)


def _value(figure: Estimate | None) -> str:
    from profiler.findings.formats import number

    return UNKNOWN if figure is None else number(figure.value)


def _with_interval(figure: Estimate | None) -> str:
    from profiler.study.interval_words import interval_text

    interval = "" if figure is None else interval_text(figure)
    return f"{_value(figure)} ({interval})" if interval else _value(figure)


def _share(share: float | None) -> str:
    from profiler.findings.formats import percent

    return UNKNOWN if share is None else percent(share)
