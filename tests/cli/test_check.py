"""`ortprof check` as a user and as a CI job call it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from profiler import files
from profiler.cli.main import app
from profiler.errors import OrtprofError, UsageError
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from typer.testing import Result


PAGE = Path(__file__).resolve().parents[2] / "docs" / "ci.md"
SLOWER = 1.5


@pytest.fixture
def reports(run: RunDirectory, tmp_path: Path) -> Path:
    """Return a folder with three runs before and three after, which take half as long again."""
    folder = tmp_path / "reports"
    for side in ("before", "after"):
        for number in range(3):
            copied = RunDirectory(Path(shutil.copytree(run.path, folder / side / f"run-{number}")))
            if side == "after":
                slow_down(copied)
    return folder


def slow_down(run: RunDirectory) -> None:
    rows = [json.loads(line) for line in run.requests.read_text().splitlines()]
    for row in rows:
        row["end_ns"] += int((SLOWER - 1) * (row["end_ns"] - row["scheduled_ns"]))
    files.write(run.requests, "".join(json.dumps(row) + "\n" for row in rows).encode())


def check(*args: str, reports: Path) -> Result:
    return CliRunner().invoke(app, ["check", *args, "--reports", str(reports)])


def test_an_increase_beyond_its_bound_fails(reports: Path) -> None:
    done = check("after", "--baseline", "before", "--max-p95-increase", "10%", reports=reports)
    assert done.exit_code == 1
    assert "failed    p95 latency, at most 10 % more: +50 %" in done.stdout


def test_within_the_bound_passes(reports: Path) -> None:
    done = check("after", "--baseline", "before", "--max-p95-increase", "60%", reports=reports)
    assert done.exit_code == 0
    assert done.stdout.endswith("passed\n")


def test_what_can_not_be_decided_does_not_pass(reports: Path) -> None:
    for path in (reports / "after").iterdir():
        found = RunDirectory(path)
        files.write(found.requests, b"".join(found.requests.read_bytes().splitlines(keepends=True)[:20]))
    done = check("after", "--max-p95-ms", "1000", reports=reports)
    assert done.exit_code == 1
    assert (
        "undecided p95 latency, at most 1,000 ms: too few requests: a p95 needs 20 in each run" in done.stdout
    )


def test_what_is_left_out_is_said_and_is_no_pass(reports: Path) -> None:
    cut = RunDirectory(reports / "after" / "run-1")
    files.write_json(cut.manifest, {**files.read_json(cut.manifest), "complete": False})
    done = check("after", "--max-p95-ms", "1000", reports=reports)
    assert done.exit_code == 2
    assert done.stdout.endswith(" was interrupted, so it can't be checked\npassed\n")
    assert "\nleft out: run-1 was interrupted" in done.stdout
    assert check("after", "--max-p95-ms", "0.001", reports=reports).exit_code == 1


def test_json_is_one_document(reports: Path) -> None:
    done = check("after", "--baseline", "before", "--max-p95-increase", "10%", "--json", reports=reports)
    made: dict[str, Any] = json.loads(done.stdout)
    assert made["outcome"] == "failed"
    assert made["subjects"][0]["checks"][0]["now"] == pytest.approx(
        SLOWER * made["subjects"][0]["checks"][0]["before"], rel=0.01
    )


def test_a_job_page_keeps_what_was_on_it(reports: Path, tmp_path: Path) -> None:
    page, junit = tmp_path / "page.md", tmp_path / "out.xml"
    page.write_text("# earlier step\n")
    done = check(
        *("after", "--max-p95-ms", "1000", "--markdown", str(page), "--junit", str(junit)), reports=reports
    )
    assert done.exit_code == 0
    assert page.read_text().startswith("# earlier step\n## ortprof check: passed\n")
    assert junit.read_bytes().startswith(b"<?xml version=")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["after"], "nothing to check"),
        (["after", "--max-p95-increase", "10%"], "over a baseline"),
        (["after", "--baseline", "before", "--max-p95-ms", "10"], "no bound on an increase"),
        (["after", "--max-p95-increase", "10", "--baseline", "before"], "not a percentage"),
        (["nowhere", "--max-p95-ms", "10"], "there is no run 'nowhere'"),
    ],
)
def test_what_makes_no_sense_is_refused(args: list[str], message: str, reports: Path) -> None:
    done = check(*args, reports=reports)
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)


def test_a_file_that_can_not_be_written_is_said(reports: Path) -> None:
    done = check("after", "--max-p95-ms", "1000", "--junit", "/nowhere/out.xml", reports=reports)
    assert isinstance(done.exception, OrtprofError)
    assert "/nowhere" in str(done.exception)


def commands(text: str) -> list[list[str]]:
    """Return the ortprof command lines of a shell script; its variables stand for themselves."""
    return [
        words[1:]
        for line in text.splitlines()
        if (words := shlex.split(line.partition(" #")[0].strip())) and words[0] == "ortprof"
    ]


def parse(words: list[str]) -> None:
    """Parse a command line without running it; its errors are raised."""
    found = getattr(typer.main.get_command(app), "commands", {})[words[0]]
    found.make_context(words[0], list(words[1:]))


def test_the_example_job_is_yaml_whose_commands_parse() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    workflow = yaml.safe_load(text)
    assert workflow["name"]
    assert True in workflow  # what YAML 1.1 makes of `on`
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    [given] = [step["with"] for step in steps if step.get("uses", "").endswith("/ortprof@main")]
    for side in ("record", "record-baseline"):
        parse(["record", *given[side].splitlines()])
    parse(
        ["check", *(f"--{name}={value}" for name, value in given.items() if name.startswith("max-")), "after"]
    )


def test_every_command_on_the_page_parses() -> None:
    found = commands("\n".join(re.findall(r"^ {4}(.*)$", PAGE.read_text(), re.MULTILINE)))
    assert len(found) > 5
    for words in found:
        parse(words)
    with pytest.raises(Exception, match="No such option"):
        parse(["check", "x", "--no-such-option"])
