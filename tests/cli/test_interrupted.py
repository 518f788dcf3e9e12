"""What a signal ends is told, and the exit code says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.cli.main import run
from profiler.errors import ExitCode

if TYPE_CHECKING:
    import pytest


def test_a_command_that_is_interrupted_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def doctor() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("profiler.cli.doctor.doctor", doctor)
    assert run(["doctor"]) == ExitCode.INTERRUPTED
    assert capsys.readouterr().err == "ortprof: error: interrupted\n"
