"""`ortprof advise` on a study whose runs are copies of a real one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from typer.testing import CliRunner

from profiler.cli.main import app
from profiler.errors import UsageError
from profiler.run.records import read_recorded
from profiler.spec.study import Study
from profiler.study.study_record import (
    ScheduledRun,
    State,
    StudyCell,
    StudyDirectory,
    new_record,
    write_record,
)

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

    from profiler.run.directory import RunDirectory

REPEATS = 3


@pytest.fixture
def reports(run: RunDirectory, tmp_path: Path) -> Path:
    """Write a study of spin-on with three runs."""
    folder = tmp_path / "reports"
    directory = StudyDirectory(folder / "20260101T000000Z-study-nightly")
    directory.runs_folder.mkdir(parents=True)
    manifest = read_recorded(run).manifest
    assert manifest.configuration is not None
    assert manifest.workload is not None
    cell = StudyCell(configuration=manifest.configuration, workload=manifest.workload)
    schedule = [
        ScheduledRun(cell=0, round=number, state=State.DONE, run_id=f"run-{number}")
        for number in range(REPEATS)
    ]
    for scheduled in schedule:
        shutil.copytree(run.path, directory.run(scheduled).path)
    study = Study(name="nightly", configs=("spin-on",))
    write_record(
        directory, new_record(study, [cell], schedule, python="python", ort_version=manifest.ort.version)
    )
    return folder


def advise(*args: str, reports: Path) -> Result:
    return CliRunner().invoke(app, ["advise", *args, "--reports", str(reports)])


def test_the_answer_comes_with_settings_to_paste(reports: Path) -> None:
    done = advise("nightly", "--p95-ms", "1000", reports=reports)
    assert done.exit_code == 0, done.exception
    assert done.stdout.startswith("Choose spin-on: ")
    titles = ["Python", "C++", "C#", "Environment variables", "Kubernetes, for each container"]
    assert [line[2:] for line in done.stdout.splitlines() if line[2:] in titles] == titles
    assert "Measured in 20260101T000000Z-study-nightly" in done.stdout


def test_no_answer_ends_with_1_and_nothing_to_paste(reports: Path) -> None:
    done = advise("nightly", "--p95-ms", "0.01", reports=reports)
    assert done.exit_code == 1
    assert done.stdout.startswith("No configuration meets a p95 of")
    assert "# Python" not in done.stdout


def test_json_is_one_document(reports: Path) -> None:
    made: dict[str, Any] = json.loads(advise("nightly", "--p95-ms", "1000", "--json", reports=reports).stdout)
    assert made["studies"] == ["20260101T000000Z-study-nightly"]
    assert made["candidates"][0]["repeats"] == REPEATS


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nightly", "--p95-ms", "10", "--tokens", "8..9"], "nothing of what is asked for"),
        (["--p95-ms", "10", "--model", "tiny@config=spin-off"], "its configuration is what is asked for"),
        (["nightly", "--p95-ms", "10", "--rate", "77"], "nothing of what is asked for"),
        (
            ["nightly", "--p95-ms", "10", "--concurrency", "2"],
            "--concurrency is for a study that is yet to run",
        ),
        (["nowhere", "--p95-ms", "10"], "there is no study 'nowhere'"),
    ],
)
def test_what_makes_no_sense_is_refused(args: list[str], message: str, reports: Path) -> None:
    done = advise(*args, reports=reports)
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)


def test_a_study_without_runs_that_ended_well_is_no_evidence(reports: Path) -> None:
    [path] = reports.iterdir()
    record = json.loads((path / "study.json").read_bytes())
    for scheduled in record["schedule"]:
        scheduled |= {"state": "failed", "why": "it broke"}
    (path / "study.json").write_bytes(msgspec.json.encode(record))
    done = advise("nightly", "--p95-ms", "10", reports=reports)
    assert isinstance(done.exception, UsageError)
    assert "nothing was measured of minilm, no limit, 2 requests/s" in str(done.exception)
    assert done.exception.hint == "why runs are missing: it broke"
