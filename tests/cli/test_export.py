from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from profiler.cli.main import app
from profiler.errors import MachineError
from profiler.export.formats import Format
from tests.run.run_directories import contents

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.directory import RunDirectory


def export(run: RunDirectory, *args: str) -> Result:
    return CliRunner().invoke(app, ["export", str(run.path), *args])


@pytest.mark.parametrize("form", Format)
def test_each_format_goes_under_the_runs_name(
    run: RunDirectory, form: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = contents(run.path)
    done = export(run, "--format", form.value)
    assert done.exit_code == 0, done.output
    (path,) = tmp_path.glob(f"{run.run_id}.*")
    assert f"wrote {path.name}" in done.stderr
    assert contents(run.path) == before


def test_standard_output_has_the_file_alone(
    run: RunDirectory, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    done = export(run, "--format", "speedscope", "-o", "-")
    assert (done.exit_code, "wrote" in done.stderr) == (0, False), done.output
    assert json.loads(capfdbinary.readouterr().out)["exporter"].startswith("ortprof@")


def test_a_difference_names_the_second_run(
    run: RunDirectory, operators_run: RunDirectory, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    done = export(run, "--diff", str(operators_run.path), "--kind", "outermost", "-o", "-")
    assert done.exit_code == 0, done.output
    first = capfdbinary.readouterr().out.decode().splitlines()[0]
    assert first.startswith("[")
    assert len(first.rsplit(" ", 2)) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "speedscope", "--diff", "RUN"], "--diff: speedscope holds one run"),
        (["--diff", "nothing-of-that-name"], "nothing-of-that-name"),
        (["-o", "no/such/folder/x"], "no/such/folder/x"),
        (["--format", "parquet", "-o", "no/such/folder/x"], "no/such/folder/x"),
        (["--format", "csv", "-o", "-"], "csv is a folder of tables"),
        (["--format", "pprof", "--kind", "innermost"], "pprof has a place of its own for kinds"),
    ],
)
def test_what_can_not_be_is_said_before_anything_is_written(
    run: RunDirectory, options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    listing = sorted(tmp_path.iterdir())
    done = export(run, *(str(run.path) if option == "RUN" else option for option in options))
    error = done.exception
    assert said in str(error)
    assert sorted(tmp_path.iterdir()) == listing


def test_without_pyarrow_tables_say_what_to_install(
    run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for name in ("profiler.export.tables", "profiler.export.parquet"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    before = sorted(tmp_path.iterdir())
    error = export(run, "--format", "parquet").exception
    assert isinstance(error, MachineError)
    assert error.hint == "pip install 'ortprof[data]'"
    assert sorted(tmp_path.iterdir()) == before
