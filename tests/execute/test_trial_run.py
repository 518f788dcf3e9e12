"""What is left of a trial whose first run fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from profiler.errors import InterruptedRunError, OrtprofError, WorkloadError
from profiler.execute import trial_run
from profiler.execute.command_run import CommandOutcome, CommandSpec
from profiler.execute.trial_run import TrialSpec, go_on, open_trial
from profiler.record.attach import AttachSpec
from profiler.spec.configuration import SessionConfiguration
from tests.record.monitors import Remembering

if TYPE_CHECKING:
    from pathlib import Path


class Told(Remembering):
    def run_begins(self, number: int, of: int, what: str, seconds_left: float) -> None:
        pass


def failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: bytes, how: str) -> OrtprofError:
    """Return the error of a trial whose command prints something and ends."""

    def run_command(spec: CommandSpec, reports: Path, *_: Any) -> CommandOutcome:
        reports.mkdir(parents=True)
        assert spec.stdout is not None
        os.write(spec.stdout, printed)
        if how == "Ctrl+C":
            raise KeyboardInterrupt
        return CommandOutcome(None, WorkloadError("it ended"), 1, interrupted=how == "interrupted")

    monkeypatch.setattr(trial_run, "run_command", run_command)
    configurations = tuple(SessionConfiguration(name=name, meaning="") for name in ("as-is", "spin-off"))
    command = CommandSpec(("serve",), AttachSpec((), 1.0, 997), after_seconds=0.0, startup_seconds=1.0)
    spec = TrialSpec(command, configurations, rounds=1)
    directory = open_trial(spec, "serve", tmp_path, fresh=False)
    with pytest.raises(OrtprofError) as caught:
        go_on(spec, directory, Told())
    return caught.value


@pytest.mark.parametrize("how", ["failed", "interrupted", "Ctrl+C"])
def test_one_that_made_nothing_leaves_nothing(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = failed(tmp_path, monkeypatch, b"", how)
    assert isinstance(error, WorkloadError if how == "failed" else InterruptedRunError)
    assert list(tmp_path.iterdir()) == []


def test_what_its_command_printed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = failed(tmp_path, monkeypatch, b"Traceback\nno such model\n", "failed")
    assert error.hint == "its last words: no such model"
    [left] = tmp_path.iterdir()
    assert (left / "output.log").read_bytes() == b"Traceback\nno such model\n"
