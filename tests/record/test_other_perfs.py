"""A `perf` on PATH that is silent, something else, or ends without a word: an error, never a hang."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psutil
import pytest

from profiler.errors import MachineError
from profiler.record import capabilities
from profiler.record import perf as perf_module
from profiler.record.perf import PerfRecorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Fake = Callable[[str], None]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return what puts a shell script first on PATH as `perf`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def write(script: str) -> None:
        if "sleep" in script:  # the others are waited for as long as they may take
            monkeypatch.setattr(capabilities, "PROBE_SECONDS", 0.5)
            monkeypatch.setattr(perf_module, "ATTACH_SECONDS", 0.5)
        (folder / "perf").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "perf").chmod(0o755)

    return write


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exec sleep 1000", "did not finish within 0.5 s"),
        ("trap '' TERM; echo one moment >&2; sleep 1000; exit 1", "did not finish within 0.5 s"),
        ("sleep 1000 & exit 0", "did not finish within 0.5 s"),
        ("exit 0", "says ''"),
        ("echo banana", "says 'banana'"),
    ],
)
def test_what_has_no_version(script: str, said: str, fake: Fake) -> None:
    fake(script)
    with pytest.raises(MachineError) as caught:
        capabilities.perf_version()
    assert said in caught.value.message
    assert caught.value.hint
    assert [child for child in psutil.Process().children(recursive=True) if child.name() == "sleep"] == []


def test_a_version_that_nobody_knows_yet_is_taken_as_it_is(fake: Fake) -> None:
    fake("echo perf version 99.9-rc1")
    assert capabilities.perf_version() == "99.9-rc1"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0", "failed with exit code 0: it said nothing"),
        ("echo no such event >&2; exit 255", "failed with exit code 255: no such event"),
        ("trap '' INT TERM; while :; do sleep 1; done", "did not answer 'enable' within 0.5 s"),
        ("kill -9 $$", "was killed by SIGKILL"),
    ],
)
def test_what_does_not_record(script: str, said: str, fake: Fake, tmp_path: Path) -> None:
    fake(script)
    with (
        pytest.raises(MachineError) as caught,
        PerfRecorder(["perf", "record"], tmp_path / "perf.log") as recorder,
    ):
        recorder.enable()
    assert said in caught.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "perf.log"]
