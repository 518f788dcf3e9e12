"""`ortprof runs`: one line a run, whatever state it is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from profiler import files
from profiler.cli.main import app
from profiler.errors import UsageError
from profiler.fleet.fleet_record import FleetDirectory, FleetRecord, write_fleet
from profiler.run.summary import to_document
from profiler.spec.limit import Limit
from profiler.spec.ort_build import OrtConfig
from profiler.spec.study import Study
from profiler.study.study_record import State, create_study
from tests.run.run_directories import make_run
from tests.study.made import Made, make_results
from tests.summaries import made_summary

if TYPE_CHECKING:
    from pathlib import Path


def add(reports: Path, name: str, **changes: Any) -> None:
    """Add a run with such a summary, changed as `edited` does."""
    files.write_json(make_run(reports, name).summary, to_document(made_summary(**changes)))


def runs(reports: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["runs", *arguments, "--reports", str(reports)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_each_state_has_its_line(tmp_path: Path) -> None:
    add(tmp_path, "a", limit=Limit(cpus=0.1))
    add(tmp_path, "b", complete=False)
    make_run(tmp_path, "c")
    add(tmp_path, "d", schema="ortprof.summary/2")
    rows = json.loads(runs(tmp_path, "--json"))
    assert [(row["run_id"], row["state"]) for row in rows] == [
        ("a", "complete"),
        ("b", "interrupted"),
        ("c", "not analysed"),
        ("d", "unreadable"),
    ]
    assert rows[0] | {"run_id": "", "state": ""} == {
        "run_id": "",
        "ort": "1.31.1",
        "limit_cpus": 0.1,
        "cpu_ms_per_request": 11.8,
        "p95_ms": 5.0,
        "spin_share": 0.25,
        "state": "",
    }
    assert [*rows[2].values()][1:-1] == [None] * 5
    said = runs(tmp_path)
    assert "0.1" in said
    assert "11.80" in said
    assert "25%" in said


def test_builds_are_told_apart_where_there_are_several(tmp_path: Path) -> None:
    add(tmp_path, "a")
    assert "1.31.1" not in runs(tmp_path)
    add(tmp_path, "b", ort__version="1.21.0", ort__build=OrtConfig.DEBUG)
    assert "1.21.0 debug" in runs(tmp_path)
    assert "1.31.1" in runs(tmp_path)


def test_a_run_is_removed_by_a_beginning_that_no_other_has(tmp_path: Path) -> None:
    for name in ("a1", "a12", "b1"):
        make_run(tmp_path, name)
    runs(tmp_path, "remove", "b")
    runs(tmp_path, "remove", "a1")
    with pytest.raises(UsageError, match="no run of"):
        runs(tmp_path, "remove", "c")
    assert [path.name for path in tmp_path.iterdir()] == ["a12"]
    make_run(tmp_path, "a13")
    with pytest.raises(UsageError, match="2 runs begin with"):
        runs(tmp_path, "remove", "a1")


def test_studies_beside_the_runs_are_pointed_at(tmp_path: Path) -> None:
    add(tmp_path, "a")
    assert "sweep --list" not in runs(tmp_path)
    create_study(tmp_path, make_results([Made()], state=State.PLANNED).record)
    assert runs(tmp_path).endswith("and 1 study: `ortprof sweep --list` lists them\n")


def test_a_large_folder_is_listed_page_by_page(tmp_path: Path) -> None:
    for number in range(250):
        make_run(tmp_path, f"{number:03}")
    first = runs(tmp_path)
    assert first.splitlines()[1].startswith("150")
    assert first.splitlines()[100].startswith("249")
    assert "and older ones: --page 2" in first
    last = runs(tmp_path, "--page", "3")
    assert [line.split()[0] for line in last.splitlines()[1:]] == [f"{number:03}" for number in range(50)]
    assert "older" not in last
    assert len(json.loads(runs(tmp_path, "--json"))) == 250
    second = json.loads(runs(tmp_path, "--json", "--page", "2"))
    assert (second[0]["run_id"], second[-1]["run_id"]) == ("050", "149")
    assert json.loads(runs(tmp_path, "--json", "--page", "4")) == []


def test_fleets_are_named_and_a_broken_one_says_why(tmp_path: Path) -> None:
    for name, content in (("sound", None), ("broken", '{"schema": 1')):
        folder = tmp_path / f"20261101T000000Z-fleet-{name}"
        folder.mkdir()
        record = FleetRecord(created="", ortprof="", study=Study(name=name, configs=("spin-on",)), models={})
        write_fleet(FleetDirectory(folder), record)
        if content is not None:
            FleetDirectory(folder).manifest.write_text(content)
    said = CliRunner().invoke(app, ["runs", "--reports", str(tmp_path)], catch_exceptions=False).stdout
    assert "and 2 fleets, which `ortprof show` shows:" in said
    assert "-fleet-sound  0 machine types" in said
    assert "-fleet-broken  unreadable: " in said


@pytest.mark.parametrize(("arguments", "where"), [(("--page", "7"), " on page 7"), ((), "")])
def test_that_there_is_none_is_said(arguments: tuple[str, ...], where: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["runs", *arguments, "--reports", str(tmp_path)])
    assert done.exit_code == 0
    assert f"there is no run in {tmp_path}{where}" in " ".join(done.output.split())
