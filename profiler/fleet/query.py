"""SQL over a dataset, by DuckDB, which sees nothing but it: no file, no network, no settings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.errors import UsageError
from profiler.extras import need
from profiler.fleet.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCKED = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # no table is a variable of ours
}
TABLES_HINT = "`ortprof query --tables` says what there is"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query found."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def connect(tables: Mapping[str, Any]) -> Any:
    """Return a `duckdb.DuckDBPyConnection` of tables (see `dataset.open_tables`) and the shipped views."""
    duckdb = need("duckdb", "data")
    connection = duckdb.connect(":memory:", config=LOCKED)
    for name, table in tables.items():
        connection.register(name, table)
    for name, view in VIEWS.items():
        if view.reads <= tables.keys():
            connection.execute(f"CREATE VIEW {name} AS {view.sql}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _answer(connection: Any, statement: Any, values: Mapping[str, Any]) -> Answer:
    cursor = connection.execute(statement, values)
    return Answer(tuple(column[0] for column in cursor.description), cursor.fetchall())


def ask(tables: Mapping[str, Any], sql: str, values: Mapping[str, Any] | None = None) -> Answer:
    """Return what one SELECT finds, with `values` for its `$names`.

    `UsageError` for anything else, or where DuckDB refuses it: what it reads may come from a stranger.
    """
    duckdb = need("duckdb", "data")
    connection = connect(tables)
    try:
        statements = connection.extract_statements(sql)
        kinds = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
        if len(statements) != 1 or statements[0].type not in kinds:
            raise UsageError("a query is one SELECT", hint=TABLES_HINT)
        with ThreadPoolExecutor(max_workers=1) as beside:
            answer = beside.submit(_answer, connection, statements[0], values or {})
            try:
                return answer.result()
            finally:  # DuckDB itself does not look at signals: this thread does, and waits no longer
                connection.interrupt()
    except duckdb.Error as error:
        raise _refused(str(error)) from error
    finally:
        connection.close()


def _refused(words: str) -> UsageError:
    """Return DuckDB's error as ours. Its last lines are the query's line and carets below what is wrong.

    Those stand below a line of the hint, which alone is not indented as far.
    """
    first, *rest = words.strip().splitlines()
    lines = [line for line in rest if line]
    if len(lines) > 1 and not lines[-1].strip("^ "):
        lines[-2:] = _aligned(*lines[-2:])
    if not lines or lines[0].startswith("LINE "):
        lines.insert(0, TABLES_HINT)
    return UsageError(first, hint="\n".join(lines))


def _aligned(line: str, carets: str) -> tuple[str, str]:
    """Return a line with spaces for its tabs, and its carets, which DuckDB places as if tabs had no width."""
    column = carets.index("^")
    shown = [place for place, character in enumerate(line) if character != "\t"]
    shift = shown[column] - column if column < len(shown) else line.count("\t")
    return line.replace("\t", " "), " " * shift + carets
