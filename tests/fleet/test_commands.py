"""`ortprof publish`, `query`, and `--store` of the commands that read runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from profiler import extras
from profiler.cli.main import app, run
from profiler.errors import MachineError, UsageError
from tests.fleet.conftest import STUDY, add_study, run_ids

if TYPE_CHECKING:
    from typer.testing import Result


def ortprof(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


@pytest.fixture
def store(reports: Path, tmp_path: Path) -> str:
    add_study(reports)
    url = str(tmp_path / "store")
    done = ortprof("publish", "--store", url, "--reports", str(reports))
    assert done.exit_code == 0
    assert "published 3 runs and studies" in done.stderr
    return url


def test_what_is_published_is_listed_shown_compared_and_asked(
    store: str, reports: Path, tmp_path: Path
) -> None:
    here = ("--store", store, "--reports", str(tmp_path / "elsewhere"))
    rows = json.loads(ortprof("runs", "--json", *here).stdout)
    assert len(rows) == 4
    assert {row["state"] for row in rows} == {"complete"}
    first, second = run_ids(reports)
    assert json.loads(ortprof("show", first, "--json", *here).stdout)["run_id"] == first
    assert "report.html" in ortprof("report", second, *here).stdout
    assert "CPU time a request" in ortprof("compare", first, second, *here).stdout
    assert json.loads(ortprof("show", STUDY, "--json", *here).stdout)["study_id"] == STUDY
    asked = ortprof("query", "SELECT count(*) AS n, NULL AS x, 'nan'::DOUBLE AS y FROM runs", "--json", *here)
    assert json.loads(asked.stdout) == {
        "schema": "ortprof.query/1",
        "columns": ["n", "x", "y"],
        "rows": [[4, None, None]],
    }
    assert first in ortprof("query", "SELECT * FROM wasted_cpu", *here).stdout


def test_what_is_left_out_is_not_there_already(reports: Path, tmp_path: Path) -> None:
    first, _ = run_ids(reports)
    (reports / first / "summary.json").unlink()
    url = str(tmp_path / "store")
    said = ortprof("publish", "--store", url, "--reports", str(reports)).stderr.splitlines()[-1]
    assert said == f"published 1 run or study in {url}; 1 was left out"
    said = ortprof("publish", "--store", url, "--reports", str(reports)).stderr.splitlines()[-1]
    assert said == f"published 0 runs and studies in {url}; 1 was there already; 1 was left out"
    named = ortprof("publish", first, "--store", url, "--reports", str(reports))
    assert (named.exit_code, "1 was left out" in named.stderr) == (2, True), "it was asked for"


def test_a_name_that_is_no_utf8_is_left_out_of_tables(reports: Path, tmp_path: Path) -> None:
    shutil.copytree(
        next(path for path in reports.iterdir() if (path / "run.json").exists()), reports / "\udcff"
    )
    for arguments in (["publish", "--store", str(tmp_path / "s")], ["query", "SELECT * FROM runs"]):
        done = ortprof(*arguments, "--reports", str(reports))
        assert done.exit_code == 0, done.output
        assert "is no UTF-8" in done.output


def test_a_query_without_a_store_asks_the_reports_folder(reports: Path) -> None:
    said = ortprof("query", "SELECT run_id, 1.5 FROM runs", "--reports", str(reports)).stdout
    assert all(name in said for name in run_ids(reports))
    assert "1.5" in said


def test_text_from_strangers_is_printed_as_text(reports: Path) -> None:
    said = ortprof("query", "SELECT chr(27) || '[31m[bold]x' AS evil", "--reports", str(reports)).stdout
    assert "\x1b" not in said
    assert "[bold]x" in said


def test_tables_and_views_are_named() -> None:
    said = ortprof("query", "--tables").stdout
    assert "spin_window_ms" in said
    assert "best_configuration" in said


def test_no_query_and_no_study_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no query"):
        ortprof("query")
    with pytest.raises(UsageError, match="name one"):
        ortprof("advise", "--p95-ms", "5", "--store", str(tmp_path))


@pytest.mark.parametrize(
    "command", [["runs"], ["show", "x"], ["query", "SELECT 1"]], ids=lambda line: line[0]
)
@pytest.mark.parametrize("kind", ["nothing", "a file"])
def test_a_store_that_is_not_there_is_not_an_empty_one(command: list[str], kind: str, tmp_path: Path) -> None:
    url = str(tmp_path / "store")
    if kind == "a file":
        Path(url).write_text("")
    with pytest.raises(UsageError, match=f"there is no store {url}") as raised:
        ortprof(*command, "--store", url)
    assert raised.value.hint == f"`ortprof publish --store {url}` makes one"


def test_a_query_of_a_reports_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no reports folder"):
        ortprof("query", "SELECT 1", "--reports", str(tmp_path / "none"))


def test_a_name_that_a_store_can_not_have_is_refused(reports: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="File name too long"):
        ortprof("publish", "--store", str(tmp_path / ("n" * 300)), "--reports", str(reports))


@pytest.mark.parametrize(
    "sql", ["selec 1", "SELECT bad FROM runs", "SELECT\n\t1,\tbad2 FROM runs", "SELECT '日', bad"]
)
def test_carets_stand_below_what_is_wrong(
    sql: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["query", sql, "--reports", str(reports)]) == 2
    *_, line, carets = capsys.readouterr().err.splitlines()
    at = len(carets) - len(carets.lstrip())
    wide = sum(character == "日" for character in line[:at])
    assert line[at - wide :][: carets.count("^")] in {"selec", "bad", "bad2"}


def test_a_library_that_is_missing_is_said_with_its_extra() -> None:
    with pytest.raises(MachineError, match="nosuchlibrary") as raised:
        extras.need("nosuchlibrary", "data")
    assert raised.value.hint == "pip install 'ortprof[data]'"
