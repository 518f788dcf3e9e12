from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from profiler.injection.report import AppliedSession, Failure, How, read_applied
from profiler.spec.configuration import Setting

if TYPE_CHECKING:
    from pathlib import Path

SESSION: dict[str, Any] = {
    "event": "session",
    "how": "python",
    "pid": 7,
    "library": "/lib/ort.so",
    "ort": "1.20.0",
    "applied": {"intra_op_num_threads": "1"},
    "refused": {"x": "Config key is empty"},
    "own": {"intra_op_num_threads": "4"},
}


def write(path: Path, *events: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))


def test_events_are_told_apart(tmp_path: Path) -> None:
    hooked = {"event": "hooked", "how": "c-api", "pid": 9, "library": "/lib/ort.so", "ort": "1.30.0"}
    write(tmp_path / "7.jsonl", SESSION, {"event": "failure", "how": "python", "pid": 7, "why": "no"})
    write(tmp_path / "9.jsonl", hooked, {**SESSION, "event": "global-pools", "pid": 9, "how": "c-api"})
    report = read_applied(tmp_path)
    (session,) = report.sessions
    assert session.how is How.PYTHON
    assert session.applied == {"intra_op_num_threads": "1"}
    assert session.own == {"intra_op_num_threads": "4"}
    assert [pools.pid for pools in report.pools] == [9]
    assert report.failures == (Failure(how=How.PYTHON, pid=7, why="no"),)
    assert report.reached == {7, 9}
    assert report.damaged == 0


def test_a_process_that_said_nothing_was_not_reached(tmp_path: Path) -> None:
    write(tmp_path / "7.jsonl", SESSION)
    write(tmp_path / "8.jsonl", {"event": "failure", "how": "python", "pid": 8, "why": "no"})
    assert read_applied(tmp_path).unreached([9, 7, 8]) == [8, 9]


def test_entries_that_this_version_ignores_are_named() -> None:
    session = AppliedSession(
        how=How.PYTHON,
        pid=1,
        ort="1.20.0",
        applied={"new": "1", "old": "1", "other": "1"},
        refused={},
        own={},
    )
    settings = {"new": Setting(since="1.26", meaning=""), "old": Setting(since="1.8", meaning="")}
    assert session.ignored(settings) == ["new"]


def test_what_is_none_of_ours_is_counted_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "1.jsonl")
    (tmp_path / "2.jsonl").symlink_to("/dev/zero")
    (tmp_path / "3.jsonl").mkdir()
    (tmp_path / "4.jsonl").write_bytes(b"\xff\n" + b"[" * 100_000 + b"\nnull\n{}\n")
    (tmp_path / "5.jsonl").write_bytes(b" " * ((8 << 20) + 1))
    write(
        tmp_path / "6.jsonl",
        {**SESSION, "pid": -1},
        {**SESSION, "applied": {"k": 1}},
        {**SESSION, "ort": "1" * 5000},
    )
    write(tmp_path / "7.jsonl", SESSION)
    (tmp_path / "other.txt").write_text("not a report")
    report = read_applied(tmp_path)
    assert [session.pid for session in report.sessions] == [7]
    assert report.damaged == 4 + 4 + 3


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    report = read_applied(tmp_path / "nowhere")
    assert (report.sessions, report.reached) == ((), frozenset())
