"""A command that ends while perf is attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, WorkloadError
from profiler.execute import command_run
from profiler.execute.command_run import CommandSpec, run_command
from profiler.record import capabilities, scope
from profiler.record.attach import AttachSpec
from tests.record.monitors import Remembering

if TYPE_CHECKING:
    from pathlib import Path


def failing(*_: object, **__: object) -> None:
    raise MachineError("perf record failed with exit code 255: it said nothing")


@pytest.mark.parametrize(("seconds", "error"), [("0.3", WorkloadError), ("3", MachineError)])
def test_a_command_that_is_just_ending_is_why_perf_fails(
    seconds: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads are gone before it has ended."""
    for name in ("perf_version", "sampling_event"):
        monkeypatch.setattr(capabilities, name, lambda: None)
    monkeypatch.setattr(scope, "require", lambda _: None)
    monkeypatch.setattr(command_run, "raise_what_is_due", lambda: None)  # pytest's timer is no signal of ours
    monkeypatch.setattr(command_run, "execute_attached", failing)
    monkeypatch.setattr(command_run._CommandRun, "_await_runtime", lambda _: None)
    spec = CommandSpec(("sleep", seconds), AttachSpec((), 1.0, 997), after_seconds=0.0, startup_seconds=1.0)
    outcome = run_command(spec, tmp_path, Remembering())
    assert type(outcome.error) is error
