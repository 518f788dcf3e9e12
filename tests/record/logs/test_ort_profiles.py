from __future__ import annotations

import json
import os
import re
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from profiler.record.logs.ort_profiles import read_profiles
from profiler.record.target.examined import examine_process
from profiler.run.manifest import Phase
from profiler.run.request import RequestSource

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.run.attached import Target

SECOND = 10**9
CLOSE_NS = 1_000_000_000
"""Of made files, whose names have no milliseconds and whose time is known to a tick."""


@pytest.fixture
def targets() -> list[Target]:
    """Return a process that lives while the test does: its parent."""
    return [examine_process(os.getppid())]


def event(name: str, start_us: int, duration_us: int, **more: Any) -> str:
    known = {"cat": "Session", "pid": os.getppid(), "tid": os.getppid(), "ph": "X", "args": {}}
    return json.dumps({**known, "name": name, "ts": start_us, "dur": duration_us, **more}) + ",\n"


def write(folder: Path, *events: str) -> Path:
    path = folder / time.strftime("svc_%Y-%m-%d_%H-%M-%S.json")
    path.write_text("[\n" + "".join(events))
    return path


def phases(path: Path, begin_s: float = -10, end_s: float = 60) -> list[Phase]:
    """Return one from before a file was made to after it, in seconds."""
    assert path.exists()
    now = time.monotonic_ns()
    return [Phase("profile", max(0, now + int(begin_s * SECOND)), now + int(end_s * SECOND))]


@pytest.mark.parametrize("name", ["a**b", "x" * 300, "", "["])
def test_a_name_that_is_none_finds_nothing(name: str, tmp_path: Path, targets: list[Target]) -> None:
    requests, doubts = read_profiles(tmp_path / "none" / name, [], targets)
    assert requests == []
    assert "there is no " in doubts[0].why


def test_each_call_of_run_is_a_request_of_its_thread(tmp_path: Path, targets: list[Target]) -> None:
    path = write(
        tmp_path,
        event("model_loading_uri", 3, 6266),
        event("model_run", 2_000_000, 5_000),
        event("model_run", 1_000_000, 1_163, tid=4711),
        event("MatMul_kernel_time", 1_000_100, 900, cat="Node", args={"op_name": '"model_run"'}),
        '{"name" :"model_run", cut off',
    )
    now = time.monotonic_ns()
    requests, (doubt,) = read_profiles(tmp_path / "svc_*.json", phases(path), targets)
    first, second = requests
    assert (first.caller, first.process, first.source) == (4711, targets[0].pid, RequestSource.ORT_PROFILE)
    assert first.end_ns - first.start_ns == 1_163_000
    assert abs(first.start_ns - now - SECOND) < CLOSE_NS
    assert second.start_ns - first.start_ns == SECOND
    assert (second.phase, second.scheduled_ns, second.caller) == ("profile", second.start_ns, os.getppid())
    assert "does not say when it began" in doubt.why


def test_what_is_outside_of_phases_or_another_s_is_left_out(tmp_path: Path, targets: list[Target]) -> None:
    path = write(tmp_path, event("model_run", 30_000_000, 1), event("model_run", 1, 1, pid=os.getpid()))
    requests, (doubt,) = read_profiles(path, phases(path, end_s=20), targets)
    assert requests == []
    assert "another process's, or at another time" in doubt.why


@pytest.mark.parametrize(
    ("content", "why"), [("", "is empty so far"), ("no profile", "the calls of Run in .* are none")]
)
def test_a_file_of_no_use(tmp_path: Path, targets: list[Target], content: str, why: str) -> None:
    path = write(tmp_path)
    path.write_text(content)
    requests, (doubt,) = read_profiles(path, phases(path), targets)
    assert requests == []
    assert re.search(why, doubt.why)


def test_files_that_are_not_there_or_none(tmp_path: Path, targets: list[Target]) -> None:
    requests, (doubt,) = read_profiles(tmp_path / "no*.json", [], targets)
    assert requests == []
    assert doubt.why == f"there is no {tmp_path / 'no*.json'}"
    fifo = tmp_path / "svc_2026-11-28_15-06-41_804.json"
    os.mkfifo(fifo)
    reader = threading.Thread(target=read_profiles, args=(fifo, [], targets), daemon=True)
    reader.start()
    reader.join(10)
    assert not reader.is_alive(), "a FIFO is waited for"


def test_profiles_of_other_sessions_beside_it_are_not_spoken_of(
    tmp_path: Path, targets: list[Target]
) -> None:
    path = write(tmp_path, event("model_run", 1_000_000, 1_163))
    (tmp_path / "svc_2020-01-01_00-00-00_000.json").write_text("[\n")
    requests, doubts = read_profiles(tmp_path / "svc_*.json", phases(path), targets)
    assert len(requests) == len(doubts) == 1
