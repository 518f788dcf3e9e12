from __future__ import annotations

import os
from pathlib import Path

import pytest

from profiler.errors import MachineError
from profiler.record.limit import cgroup, hierarchy
from profiler.record.owner import OwnerMark, owner_of
from profiler.spec.limit import Limit
from tests.record.limit.trees import SLICE, V1_SEPARATE, V2_SYSTEMD, plant

OWNER = OwnerMark(812, 4455)
LIMIT = Limit(cpus=0.1)
BURST = Limit(cpus=0.5, period_us=50_000, burst_us=5_000)


def test_version_2_takes_the_nearest_cgroup_above_that_may_hold_limited_ones(tmp_path: Path) -> None:
    root = plant(tmp_path, V2_SYSTEMD)
    (root / "sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/cgroup.procs").unlink()
    made = cgroup.make(hierarchy.find(root), OWNER, BURST)
    assert made == root / SLICE / "ortprof-812-4455"
    assert (made / "cpu.max").read_text() == "25000 50000"
    assert (made / "cpu.max.burst").read_text() == "5000"
    assert (root / SLICE / "cgroup.subtree_control").read_text() == "+cpu"


def test_version_2_leaves_a_delegated_controller_as_it_is(tmp_path: Path) -> None:
    root = plant(tmp_path, {**V2_SYSTEMD, f"{SLICE}/cgroup.subtree_control": "cpu memory\n"})
    (root / "sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope/cgroup.procs").unlink()
    made = cgroup.make(hierarchy.find(root), OWNER, LIMIT)
    assert (made / "cpu.max").read_text() == "10000 100000"
    assert not (made / "cpu.max.burst").exists()
    assert (root / SLICE / "cgroup.subtree_control").read_text() == "cpu memory\n"


def test_version_1_takes_the_processs_own_cgroup(tmp_path: Path) -> None:
    root = plant(tmp_path, V1_SEPARATE)
    made = cgroup.make(hierarchy.find(root), OWNER, BURST)
    assert made.parent == root / "sys/fs/cgroup/cpu"
    assert {path.name: path.read_text() for path in made.iterdir()} == {
        "cpu.cfs_period_us": "50000",
        "cpu.cfs_quota_us": "25000",
        "cpu.cfs_burst_us": "5000",
    }


def test_every_place_and_its_reason_is_named_where_none_will_do(tmp_path: Path) -> None:
    root = plant(tmp_path, V1_SEPARATE)
    (root / "sys/fs/cgroup/cpu/cgroup.procs").unlink()
    with pytest.raises(MachineError) as caught:
        cgroup.make(hierarchy.find(root), OWNER, LIMIT)
    assert "sys/fs/cgroup/cpu: no permission" in caught.value.message


def test_what_a_failed_limit_leaves_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, _content: str) -> None:
        raise OSError(22, "Invalid argument", str(path))

    root = plant(tmp_path, V1_SEPARATE)
    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(MachineError, match=r"the kernel refuses cpu\.cfs_period_us"):
        cgroup.make(hierarchy.find(root), OWNER, LIMIT)
    assert not list((root / "sys/fs/cgroup/cpu").glob("ortprof-*"))


def process(root: Path, pid: int, start_time: int) -> None:
    """Write a process's stat; its name holds what breaks naive parsers."""
    fields = " ".join(str(number) for number in range(4, 22))
    plant(root, {f"proc/{pid}/stat": f"{pid} (a) b (c) S {fields} {start_time} 0 0\n"})


def test_leftovers_are_those_whose_owner_is_gone_or_another(tmp_path: Path) -> None:
    root = plant(tmp_path, V1_SEPARATE)
    process(tmp_path, 10, 500)
    process(tmp_path, 11, 501)
    parent = root / "sys/fs/cgroup/cpu"
    for name in ("ortprof-10-500", "ortprof-11-400", "ortprof-12-1", "ortprof-mine", "other-12-1"):
        (parent / name).mkdir(parents=True)
    left = [path.name for path in cgroup.leftovers(hierarchy.find(root), tmp_path / "proc")]
    assert left == ["ortprof-11-400", "ortprof-12-1"]


def test_leftovers_that_still_hold_something_stay(tmp_path: Path) -> None:
    root = plant(tmp_path, V1_SEPARATE)
    mount = root / "sys/fs/cgroup/cpu"
    never = 2**22 + 1  # above the kernel's largest process id
    (mount / f"ortprof-{never}-1").mkdir()
    (mount / f"ortprof-{never}-2/child").mkdir(parents=True)
    (mount / "foreign").mkdir()
    cgroup.clear_leftovers(hierarchy.find(root))
    assert sorted(path.name for path in mount.iterdir() if path.is_dir()) == [
        "foreign",
        f"ortprof-{never}-2",
    ]


def test_this_process_owns_what_it_makes() -> None:
    mine = owner_of(os.getpid())
    assert mine is not None
    assert mine.name == f"ortprof-{os.getpid()}-{mine.start_time}"
    assert owner_of(2**22 + 1) is None


def test_removing_twice_is_no_error(tmp_path: Path) -> None:
    folder = tmp_path / "group"
    folder.mkdir()
    cgroup.remove(folder)
    cgroup.remove(folder)
    assert not folder.exists()
