"""`ortprof query`: SQL over all runs and studies of a reports folder or a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from profiler.cli.options.shared_options import REPORTS, Json, Reports, Store
from profiler.cli.terminal.printable import UNKNOWN
from profiler.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from profiler.fleet.query import Answer

EXAMPLES = """\
ortprof query 'SELECT * FROM best_configuration' --store s3://bench/ortprof
ortprof query "SELECT configuration, min(p95_ms) FROM runs GROUP BY 1" """.rstrip()
SCHEMA = "ortprof.query/1"


def query(
    sql: Annotated[
        str | None, typer.Argument(metavar="[SQL]", help="One SELECT, as DuckDB knows it.")
    ] = None,
    *,
    store: Store = None,
    tables: Annotated[
        bool, typer.Option("--tables", help="Say which tables, columns and views there are, and stop.")
    ] = False,
    reports: Reports = REPORTS,
    json_output: Json = False,
) -> None:
    """Ask SQL of the runs, cells, requests and figures of a reports folder, or of a store.

    Read-only: a query sees these tables and nothing else, no files and no network. Needs the extra `data`.
    """
    from profiler.cli.terminal.console import monitoring, out, print_json
    from profiler.fleet.dataset import open_tables
    from profiler.fleet.query import ask
    from profiler.fleet.reports_tables import reports_tables
    from profiler.fleet.store import open_store

    if tables:
        _print_tables(out())
        return
    if sql is None:
        raise UsageError("there is no query", hint="`ortprof query --tables` says what there is to ask")
    if store is not None:
        answer = ask(open_tables(open_store(store).require_there()), sql)
    else:
        with monitoring() as monitor:
            reported = reports_tables(reports, monitor)
        answer = ask(reported, sql)
    if json_output:
        rows = [[_json(value) for value in row] for row in answer.rows]
        print_json({"schema": SCHEMA, "columns": list(answer.columns), "rows": rows})
    else:
        _print_answer(out(), answer)


def _json(value: Any) -> Any:
    """Return a value of DuckDB's as JSON has it: a number that is none is null, what JSON lacks is text."""
    import math

    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)


def _print_answer(console: Console, answer: Answer) -> None:
    from profiler.cli.terminal.fitted_table import FittedTable, figure, name

    numeric = [
        all(row[at] is None or isinstance(row[at], (int, float)) for row in answer.rows)
        for at in range(len(answer.columns))
    ]
    columns = [
        (figure if number else name)(title, rank=at + 1 if at > 1 else 0)
        for at, (title, number) in enumerate(zip(answer.columns, numeric, strict=True))
    ]
    table = FittedTable(columns)
    for row in answer.rows:
        table.add(*(_text(value) for value in row))
    console.print(table)


def _text(value: Any) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _print_tables(console: Console) -> None:
    import dataclasses

    from profiler.cli.terminal.fitted_table import FittedTable, prose, word
    from profiler.fleet.dataset import PARTITION, TABLES
    from profiler.fleet.views import VIEWS

    table = FittedTable([word("table"), prose("columns")])
    for name, row in TABLES.items():
        columns = [field.name for field in dataclasses.fields(row)]
        table.add(name, ", ".join((*PARTITION, *columns)))
    console.print(table)
    console.print()
    views = FittedTable([word("view"), prose("what it answers")])
    for name, view in VIEWS.items():
        views.add(name, view.answers)
    console.print(views)
