from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.errors import MachineError
from profiler.record.limit import hierarchy
from profiler.record.limit.hierarchy import Hierarchy
from tests.record.limit.trees import SESSION, SLICE, V1_CONTAINER, V1_SEPARATE, V2_SYSTEMD, plant

if TYPE_CHECKING:
    from pathlib import Path


def test_version_1_is_found_where_its_cpu_controller_is_mounted(tmp_path: Path) -> None:
    mount = plant(tmp_path, V1_SEPARATE) / "sys/fs/cgroup/cpu"
    assert hierarchy.find(tmp_path) == Hierarchy(1, mount, mount)


def test_a_container_without_a_cgroup_namespace_sees_its_own_part(tmp_path: Path) -> None:
    mount = plant(tmp_path, V1_CONTAINER) / "sys/fs/cgroup/cpu,cpuacct"
    assert hierarchy.find(tmp_path) == Hierarchy(1, mount, mount)


def test_version_2_with_the_way_up(tmp_path: Path) -> None:
    root = plant(tmp_path, V2_SYSTEMD)
    found = hierarchy.find(root)
    mount = root / "sys/fs/cgroup"
    assert found == Hierarchy(2, mount, root / SESSION)
    assert found.upwards() == [root / SESSION, root / SLICE, mount / "user.slice", mount]


def test_another_processs_place(tmp_path: Path) -> None:
    plant(tmp_path, {**V2_SYSTEMD, "proc/7/cgroup": "0::/user.slice\n"})
    assert hierarchy.find(tmp_path, pid=7).own == tmp_path / "sys/fs/cgroup/user.slice"


def test_a_process_outside_the_cgroup_namespace_is_placed_at_the_mount(tmp_path: Path) -> None:
    plant(tmp_path, {**V2_SYSTEMD, "proc/self/cgroup": "0::/../other.slice\n"})
    assert hierarchy.find(tmp_path).own == tmp_path / "sys/fs/cgroup"


def test_a_mount_point_with_a_space(tmp_path: Path) -> None:
    line = "50 1 0:9 / /my\\040groups rw - cgroup cgroup rw,cpu\n"
    plant(tmp_path, {"proc/self/mountinfo": line, "proc/self/cgroup": "3:cpu:/a\n"})
    assert hierarchy.find(tmp_path).own == tmp_path / "my groups/a"


@pytest.mark.parametrize(
    "memberships",
    ["", "0::/\n", "9:name=systemd:/\n2:cpuacct:/\n0::/\n"],
)
def test_no_cpu_controller(tmp_path: Path, memberships: str) -> None:
    plant(tmp_path, {**V1_SEPARATE, "proc/self/cgroup": memberships})
    with pytest.raises(MachineError, match="cpu controller"):
        hierarchy.find(tmp_path)
