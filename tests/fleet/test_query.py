"""SQL over a dataset: what it finds, and what it can't reach."""

from __future__ import annotations

import dataclasses
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import UsageError
from profiler.fleet import dataset
from profiler.fleet.query import Answer, ask
from profiler.fleet.reports_tables import reports_tables
from profiler.fleet.rows import RunRow
from profiler.fleet.views import VIEWS
from profiler.run.directory import RunDirectory
from profiler.run.records import read_recorded
from profiler.run.summary import read_summary
from tests.fleet.conftest import STUDY, add_study, run_ids
from tests.record.monitors import Remembering

if TYPE_CHECKING:
    from collections.abc import Callable

FLEET_PAGE = Path(__file__).parents[2] / "docs" / "fleet.md"


@pytest.fixture
def tables(reports: Path) -> dict[str, Any]:
    add_study(reports, kernel="9.9")
    return reports_tables(reports, Remembering())


@pytest.fixture
def asked(tables: dict[str, Any]) -> Callable[[str], Answer]:
    return lambda sql: ask(tables, sql)


def test_figures_are_those_of_the_summaries(asked: Callable[[str], Answer], reports: Path) -> None:
    found = asked(
        "SELECT path, spin_share, (SELECT count(*) FROM requests WHERE requests.run_id = runs.run_id "
        "AND requests.study = 'none') FROM runs WHERE study = 'none' ORDER BY path"
    )
    assert [row[0] for row in found.rows] == run_ids(reports)
    for name, spin, requests in found.rows:
        run = RunDirectory(reports / name)
        assert spin == read_summary(run).spin_share
        assert requests == len(read_recorded(run).requests)


def test_rows_say_how_long_requests_were_and_who_called(
    asked: Callable[[str], Answer], reports: Path
) -> None:
    rows = asked("SELECT run_id, tokens, most_tokens, callers, processes FROM runs").rows
    for name in run_ids(reports):
        workload = read_summary(RunDirectory(reports / name)).workload
        assert workload is not None
        wanted = (workload.tokens, workload.most_tokens, workload.concurrency, workload.processes)
        assert {row[1:] for row in rows if row[0] == name} == {wanted}
    assert asked("SELECT DISTINCT tokens, most_tokens, callers, processes FROM cells").rows == [
        (10, None, 1, 1)
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_answers(asked: Callable[[str], Answer], view: str) -> None:
    answer = asked(f"FROM {view}")
    assert answer.columns
    # Nothing was limited here, and no configuration ran on two machine types.
    assert bool(answer.rows) == (view not in ("throttled_runs", "machine_spread"))


def test_the_best_configuration_is_that_of_the_study(asked: Callable[[str], Answer]) -> None:
    rows = asked("SELECT study, configuration FROM best_configuration ORDER BY cpu_ms").rows
    assert rows == [(STUDY, "spin-off"), (STUDY, "spin-on")], "each on a machine type of its own"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM tables",
        "COPY runs TO 'out.csv'",
        "ATTACH 'other.db'",
        "SET enable_external_access = true",
        "CREATE TABLE mine AS SELECT 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM nowhere",
        "",
    ],
)
def test_a_query_reaches_nothing_else(
    asked: Callable[[str], Answer], sql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError):
        asked(sql)
    assert not {"out.csv", "other.db"} & {path.name for path in tmp_path.iterdir()}


def test_every_column_and_view_is_described() -> None:
    page = FLEET_PAGE.read_text(encoding="utf-8")
    names = [field.name for row in dataset.TABLES.values() for field in dataclasses.fields(row)]
    assert [name for name in (*names, *VIEWS) if f"`{name}`" not in page] == []
    assert {field.name for field in dataclasses.fields(RunRow)} < set(dataset.schema("runs").names)


class StopError(Exception):
    """What a signal raises."""


def test_a_query_that_takes_days_ends_with_a_signal(tables: dict[str, Any]) -> None:
    def stop(_number: int, _frame: object) -> None:
        raise StopError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises(StopError):
            ask(
                tables,
                "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7",
            )
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
