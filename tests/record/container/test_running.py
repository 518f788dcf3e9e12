"""Containers by their names, as a made engine answers."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from profiler.cli.main import run
from profiler.errors import MachineError, UsageError
from profiler.live.named import by_container
from profiler.record.container.running import first_process, required_process
from profiler.spec.container import EngineName

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Says = Callable[..., None]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Says:
    """Return what puts a `docker` on PATH that answers so to everything."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def says(out: str = "", error: str = "", code: int = 0) -> None:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\nprintf '%s' '{out}'\nprintf '%s' '{error}' >&2\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return says


UNKNOWN = "Error: No such container: x"  # docker 20.10; podman 4.3 says it with a small letter, in more words


@pytest.mark.parametrize("error", [UNKNOWN, 'Error: inspecting object: no such container "x"'])
def test_one_that_there_is_not(engine: Says, error: str) -> None:
    engine(error=error, code=1)
    with pytest.raises(UsageError, match="docker has no container 'x'") as caught:
        first_process("x", EngineName.DOCKER)
    assert "docker ps" in str(caught.value.hint)
    assert by_container("x", EngineName.DOCKER) == [], "it may come again"


def test_without_a_name() -> None:
    with pytest.raises(UsageError, match="--container ''"):
        first_process("", EngineName.DOCKER)


def test_an_engine_that_does_not_answer(engine: Says) -> None:
    engine(error="Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", code=1)
    with pytest.raises(MachineError, match="docker's engine does not answer"):
        first_process("x", EngineName.DOCKER)
    assert by_container("x", EngineName.DOCKER) == []


@pytest.mark.parametrize("said", ["false 0", "true 0", ""])
def test_one_that_does_not_run(engine: Says, said: str) -> None:
    engine(said)
    assert first_process("x", EngineName.DOCKER) is None
    assert by_container("x", EngineName.DOCKER) == []
    with pytest.raises(UsageError, match="container 'x' does not run"):
        required_process("x", EngineName.DOCKER)


def test_one_that_runs_here_and_one_that_runs_elsewhere(engine: Says, tmp_path: Path) -> None:
    engine("true 4711")
    (tmp_path / "4711").mkdir()
    assert first_process("x", EngineName.DOCKER, tmp_path) == 4711
    with pytest.raises(MachineError, match="process 4711: not here"):
        first_process("x", EngineName.DOCKER, tmp_path / "4711")


@pytest.mark.parametrize("line", ["attach 1 --container x", "top 1 --container x", "attach", "top"])
def test_processes_are_named_in_one_way(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    said = "by PIDs or by --container" if "--container" in line else "give PIDs or --container"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["attach", "top", "watch"])
def test_a_wrong_name_is_said_at_once(engine: Says, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine(error=UNKNOWN, code=1)
    assert run([command, "--container", "x"]) == 2
    assert "docker has no container 'x'" in capsys.readouterr().err
