"""The user's systemd, played by a program that does what systemd-run does in a scope: become the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record.limit import cgroup, confinement, hierarchy, systemd
from profiler.record.limit.confinement import confine
from profiler.spec.limit import Limit
from tests.record.limit.trees import V1_SEPARATE, V2_SYSTEMD, plant

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = Limit(cpus=0.1)
FIND = hierarchy.find


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    folder.mkdir()
    program = folder / "systemd-run"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_scope_has_the_quota_and_period() -> None:
    command = systemd.scope_command(Limit(cpus=0.25, period_us=20_000))
    assert command[:3] == ["systemd-run", "--user", "--scope"]
    assert "--property=CPUQuota=25.00%" in command
    assert "--property=CPUQuotaPeriodSec=20000us" in command
    assert command[-1] == "--"


def test_without_systemd_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert systemd.refusal(LIMIT) == "there is no systemd-run"


def test_a_user_without_a_session_is_told_what_systemd_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path / "bin", monkeypatch, "echo 'Failed to connect to bus: No medium found' >&2; exit 1")
    assert systemd.refusal(LIMIT) == "systemd-run --user says: Failed to connect to bus: No medium found"


def test_systemd_has_no_burst() -> None:
    assert systemd.refusal(Limit(cpus=0.1, burst_us=1_000)) is not None


def test_a_scope_is_taken_where_no_cgroup_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(tmp_path, {key: text for key, text in V2_SYSTEMD.items() if "procs" not in key})
    monkeypatch.setattr(hierarchy, "find", lambda pid="self": FIND(root, pid))
    stand_in(tmp_path / "bin", monkeypatch, 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"')
    with confine(LIMIT) as confined:
        assert confined.prefix == tuple(systemd.scope_command(LIMIT))


def test_every_reason_is_named_where_nothing_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = plant(tmp_path, {key: text for key, text in V1_SEPARATE.items() if "procs" not in key})
    monkeypatch.setattr(hierarchy, "find", lambda: FIND(root))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MachineError) as caught, confine(LIMIT):
        pass
    assert "no permission" in caught.value.message
    assert "there is no systemd-run" in caught.value.message
    assert "docker run --cpus" in (caught.value.hint or "")


def test_a_scope_without_the_controller_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = "user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope"
    root = plant(tmp_path, {**V2_SYSTEMD, "proc/7/cgroup": f"0::/{scope}\n"})
    monkeypatch.setattr(hierarchy, "find", lambda pid: FIND(root, pid))
    confined = confinement.Confinement(LIMIT)
    with pytest.raises(MachineError, match=r"cpu\.max is not 10000 100000") as caught:
        confined.check(7)
    assert caught.value.hint == systemd.DELEGATION_HINT
    plant(root, {f"sys/fs/cgroup/{scope}/cpu.max": "10000 100000\n"})
    confined.check(7)


def test_a_cgroup_that_nothing_can_be_moved_into_is_refused_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = plant(tmp_path, V1_SEPARATE)
    removed: list[Path] = []

    def make(*_: object) -> Path:
        folder = root / "sys/fs/cgroup/cpu/ortprof-1-1"
        folder.mkdir()
        (folder / "cgroup.procs").mkdir()  # can't be written, even by root
        return folder

    monkeypatch.setattr(hierarchy, "find", lambda: FIND(root))
    monkeypatch.setattr(cgroup, "make", make)
    monkeypatch.setattr(cgroup, "remove", removed.append)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MachineError, match="could not be moved into"), confine(LIMIT):
        pass
    assert [folder.name for folder in removed] == ["ortprof-1-1"]
