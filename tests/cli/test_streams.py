"""Standard streams that are closed, full or not read: the real program does what is asked, or refuses it."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import OPERATORS

MEASURED = Path(__file__).parents[1] / "study" / "data" / "spin-on"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    shutil.copytree(OPERATORS, folder / "operators")
    shutil.copytree(MEASURED, folder / "measured")
    assert shell("ortprof report operators", folder).returncode == 0
    return folder


def shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `ortprof` is the program; its exit code is the first program's."""
    line = f'set -o pipefail; ortprof() {{ {shlex.quote(sys.executable)} -m profiler.cli "$@"; }}; {command}'
    where = os.pathsep.join(sys.path)
    return subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": where, "ORTPROF_REPORTS": str(folder)},
    )


@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-", "2> >(exec true)", "2> >(head -c 1 >/dev/null)"])
@pytest.mark.parametrize("command", ["report operators", "runs", "compare operators measured"])
def test_messages_that_nobody_takes_cost_nothing(command: str, stderr: str, reports: Path) -> None:
    plain, done = shell(f"ortprof {command}", reports), shell(f"ortprof {command} {stderr}", reports)
    assert (done.returncode, bool(done.stdout)) == (plain.returncode, bool(plain.stdout))


@pytest.mark.parametrize(
    "command",
    [
        "export operators -o -",
        "compare operators measured -o page.html",
        "check measured --max-cpu-ms 500 --markdown said.md",
        "show operators",
        "show operators --json",
    ],
)
def test_a_closed_output_is_an_error_that_says_so(command: str, reports: Path) -> None:
    done = shell(f"ortprof {command} >&-", reports)
    assert done.returncode == 3, done.stderr
    assert "standard output can't be written: Bad file descriptor" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_written_beside_a_closed_output_is_whole(reports: Path) -> None:
    shell("ortprof check measured --max-cpu-ms 500 --markdown open.md", reports)
    shell("ortprof check measured --max-cpu-ms 500 --markdown closed.md >&-", reports)
    assert (reports / "closed.md").read_bytes() == (reports / "open.md").read_bytes() != b""


def test_the_list_of_studies_is_json_where_that_is_asked_for(reports: Path) -> None:
    (reports / "broken").mkdir(exist_ok=True)
    (reports / "broken" / "study.json").write_text("[]")
    said = json.loads(shell("ortprof sweep --list --json", reports).stdout)
    assert "article" in [study["name"] for study in said["shipped"]]
    (broken,) = said["studies"]
    assert "is not what ortprof writes" in broken["unavailable"]


@pytest.mark.parametrize(
    "command",
    ["record --model ./a", "sweep --configs spin-on --models ./a --dry-run"],
)
def test_a_loop_of_links_is_no_model(command: str, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    done = shell(f"ortprof {command}", tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Too many levels of symbolic links" in done.stderr


def test_a_loop_of_links_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("a")
    done = shell("ortprof models prepare minilm --weights a", tmp_path)
    assert (done.returncode, "a is no folder" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(
    ("command", "beginning"),
    [
        ("compare operators measured -o -", "<!doctype html>"),
        ("compare operators measured -o /dev/stdout", "<!doctype html>"),
        ("check measured --max-cpu-ms 500 --junit -", "<?xml"),
        ("check measured --max-cpu-ms 500 --markdown -", "## "),
    ],
)
def test_a_document_on_standard_output_is_alone_there(command: str, beginning: str, reports: Path) -> None:
    (reports / "beside.txt").unlink(missing_ok=True)  # Markdown is added to a file
    beside = shell(f"ortprof {command.rpartition(' ')[0]} beside.txt", reports)
    done = shell(f"ortprof {command}", reports)
    assert (done.returncode, done.stdout) == (0, (reports / "beside.txt").read_text("utf-8")), done.stderr
    assert done.stdout.startswith(beginning)
    assert beside.stdout.splitlines()[0] in done.stderr
    assert not (reports / "-").exists()


@pytest.mark.parametrize(
    "command",
    [
        "compare operators measured --json -o -",
        "compare operators measured --json -o /dev/stdout",
        "compare operators measured --open -o -",
        "check measured --max-cpu-ms 500 --json --junit -",
        "check measured --max-cpu-ms 500 --junit - --markdown -",
    ],
)
def test_two_documents_on_standard_output_are_refused(command: str, reports: Path) -> None:
    done = shell(f"ortprof {command}", reports)
    assert (done.returncode, done.stdout) == (2, "")
    assert "standard output" in done.stderr


def test_the_null_device_takes_any_number_of_documents(reports: Path) -> None:
    done = shell("ortprof compare operators measured --json -o /dev/null > /dev/null", reports)
    assert (done.returncode, done.stderr.count("error")) == (0, 0), done.stderr
