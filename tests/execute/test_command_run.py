"""A command, or its client, that ends while perf is attached."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError, WorkloadError
from profiler.execute import command_run
from profiler.execute.command_run import CommandSpec, run_command
from profiler.record import capabilities, scope
from profiler.record.attach import AttachSpec
from profiler.spec.ranges import ENDLESS_SECONDS
from tests.record.monitors import Remembering
from tests.until import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from profiler.record.attach import Circumstances
    from profiler.run.doubt import Doubt


def _record_by(attached: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a command run without perf, be profiled by a function, and be ready at once."""
    for name in ("perf_version", "sampling_event"):
        monkeypatch.setattr(capabilities, name, lambda: None)
    monkeypatch.setattr(scope, "require", lambda _: None)
    monkeypatch.setattr(command_run, "raise_what_is_due", lambda: None)  # pytest's timer is no signal of ours
    monkeypatch.setattr(command_run, "execute_attached", attached)
    monkeypatch.setattr(command_run, "listens", lambda _: True)
    monkeypatch.setattr(command_run._CommandRun, "_await_runtime", lambda _: None)


def failing(*_: object, **__: object) -> None:
    raise MachineError("perf record failed with exit code 255: it said nothing")


@pytest.mark.parametrize(("seconds", "error"), [("0.3", WorkloadError), ("3", MachineError)])
def test_a_command_that_is_just_ending_is_why_perf_fails(
    seconds: str, error: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads are gone before it has ended."""
    _record_by(failing, monkeypatch)
    spec = CommandSpec(("sleep", seconds), AttachSpec((), 1.0, 997), after_seconds=0.0, startup_seconds=1.0)
    outcome = run_command(spec, tmp_path, Remembering())
    assert type(outcome.error) is error


@pytest.mark.parametrize(
    ("client", "seconds", "said"),
    [("false", 3.0, 1), ("true", 3.0, 0), ("false", ENDLESS_SECONDS, 1), ("true", ENDLESS_SECONDS, None)],
)
def test_a_client_that_ends_too_soon_is_said(
    client: str, seconds: float, said: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubts: list[Doubt] = []

    def recorded(*_: object, circumstances: Circumstances, **__: object) -> None:
        wait_until(circumstances.over, 30)
        doubts.extend(circumstances.injected([])[1])

    _record_by(recorded, monkeypatch)
    monitor = Remembering()
    attach = AttachSpec((), seconds, 997, measure_seconds=2.0)
    spec = CommandSpec(("sleep", "60"), attach, after_seconds=0.0, startup_seconds=1.0, load=(client,))
    assert run_command(spec, tmp_path, monitor).error is None
    if said is None:
        assert (doubts, monitor.warnings) == ([], [])
        return
    why = f"its client ended with exit code {said} before that was recorded"
    assert [doubt.why for doubt in doubts] == [why]
    assert monitor.warnings == [f"{why}: the profile ends with it"]
    needed = "2 s" if seconds == ENDLESS_SECONDS else "5 s"
    assert f"together: {needed}" in doubts[0].hint
