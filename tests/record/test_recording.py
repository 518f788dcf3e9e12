"""Recordings of processes that come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import MachineError
from profiler.record import capabilities, recording
from profiler.record.interrupts import Interrupts
from profiler.record.recording import Recording
from profiler.run.directory import RunDirectory
from profiler.run.manifest import PerfSettings
from profiler.spec.scope import Scope
from profiler.spec.waits import Waits
from profiler.trace import switch_ids

from .monitors import Remembering

if TYPE_CHECKING:
    from pathlib import Path


class Perf:
    """Samples one process, and fails where more are named, as perf does where one of them is gone."""

    commands: list[list[str]]

    def __init__(self, command: list[str], log: Path) -> None:
        self.named = command[command.index("-p") + 1]
        self.commands.append([self.named, log.name])

    def __enter__(self) -> Perf:
        return self

    def __exit__(self, *_: object) -> None:
        self.commands.append(["ended", self.named])

    def enable(self) -> None:
        if "," in self.named:
            raise MachineError("perf record failed")

    def disable(self) -> None:
        """It has nothing to say."""

    finish = disable


class Subject:
    """Processes of which there are fewer each time."""

    def __init__(self, *living: list[int]) -> None:
        self._living = list(living)

    def living(self) -> list[int]:
        return self._living.pop(0) if len(self._living) > 1 else self._living[0]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    Perf.commands = []
    monkeypatch.setattr(recording, "PerfRecorder", Perf)
    monkeypatch.setattr(capabilities, "buffer_pages", lambda: None)
    monkeypatch.setattr(Recording, "_phase", lambda *_, **__: None)
    monkeypatch.setattr(switch_ids, "mend", lambda _: False)
    return Perf.commands


def record(subject: Any, run: Path, *, asked: bool = False, over: bool = False) -> list[str]:
    settings = PerfSettings("cpu-clock", 99, 8, "6.1", Waits.OFF, scope=Scope.PROCESS)
    manifest: Any = None
    interrupts = Interrupts()
    interrupts.requested = asked
    made = Recording(
        subject,
        RunDirectory(run),
        Remembering(),
        interrupts,
        manifest,
        99,
        Waits.OFF,
        Scope.PROCESS,
        over=lambda: over,
    )
    return made._attached("profile", 1.0, settings=settings, output=run / "perf.data")


def test_perf_that_fails_because_one_has_ended_is_started_for_the_others(
    commands: list[list[str]], tmp_path: Path
) -> None:
    command = record(Subject([7, 8], [8]), tmp_path)
    assert command[command.index("-p") + 1] == "8"
    assert commands == [["7,8", "perf.log"], ["ended", "7,8"], ["8", "perf.log"], ["ended", "8"]]


def test_perf_that_fails_for_another_reason_has_failed(commands: list[list[str]], tmp_path: Path) -> None:
    with pytest.raises(MachineError):
        record(Subject([7, 8]), tmp_path)
    assert commands == [["7,8", "perf.log"], ["ended", "7,8"]]


@pytest.mark.parametrize("how", ["asked", "over"])
def test_what_is_to_stop_before_it_begins_has_no_phase(
    how: str, commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ctrl+C while it is found out what perf may record."""
    begun: list[str] = []
    monkeypatch.setattr(Recording, "_phase", lambda _, name, *__, **___: begun.append(name))
    for stops in (False, True):
        record(Subject([8]), tmp_path, asked=stops and how == "asked", over=stops and how == "over")
    assert begun == ["profile"]
    assert commands[-1] == ["ended", "8"]
