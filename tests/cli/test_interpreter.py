"""Which file --python means."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from profiler.cli.main import run
from profiler.cli.options.place_options import interpreter
from profiler.errors import UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in and another one on PATH, each with a program `python3`."""
    for folder in ("here", "elsewhere"):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "python3"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    return tmp_path / "here"


def test_a_path_is_that_very_file(here: Path) -> None:
    for name in ("./python3", "../here/python3", str(here / "python3")):
        found = Path(interpreter(name))
        assert found.is_absolute()
        assert found.samefile(here / "python3")


def test_a_name_is_looked_up_on_the_path(here: Path) -> None:
    assert interpreter("python3") == str(here.parent / "elsewhere" / "python3")


def test_a_link_is_not_followed(here: Path) -> None:
    (here / "linked").symlink_to(here / "python3")
    assert interpreter("./linked") == str(here / "linked")


def test_without_one_it_is_our_own() -> None:
    assert interpreter(None) == sys.executable


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("python9", "no such program on PATH"),
        ("./python9", "no such file"),
        ("./folder", "no such file"),
        ("./fifo", "no such file"),
        ("/dev/zero", "no such file"),
        ("./endless", "no such file"),
        ("./text", "not a program that you may run"),
    ],
)
def test_what_is_no_program_is_refused(here: Path, name: str, why: str) -> None:
    (here / "folder").mkdir()
    os.mkfifo(here / "fifo")
    (here / "endless").symlink_to("endless")
    (here / "text").write_text("x")
    with pytest.raises(UsageError) as refused:
        interpreter(name)
    assert refused.value.message == f"--python {name}: {why}"


@pytest.mark.parametrize("command", ["record", "sweep --configs spin-on", "advise --p95-ms 5", "doctor"])
@pytest.mark.usefixtures("here")
def test_every_command_takes_the_path_as_it_was_written(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command.split(), "--python", "./python9"]) == 2
    assert "--python ./python9: no such file" in capsys.readouterr().err
