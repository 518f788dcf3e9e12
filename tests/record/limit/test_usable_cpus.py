from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.record.limit import hierarchy, usable_cpus
from profiler.record.limit.usable_cpus import allowed_cpus, default_pool_threads, parse_cpu_list
from tests.record.limit.trees import SLICE, V1_SEPARATE, V2_SYSTEMD, plant

if TYPE_CHECKING:
    from pathlib import Path

STATUS = """\
Name:\tpython
Umask:\t0022
Tgid:\t71
Cpus_allowed:\tff,00000005
Cpus_allowed_list:\t{}
Mems_allowed_list:\t0
"""


@pytest.mark.parametrize(
    ("text", "found"), [("0-3,8", {0, 1, 2, 3, 8}), ("5", {5}), ("", set()), ("0,2-3,\n", {0, 2, 3})]
)
def test_the_kernels_lists_of_cpus(text: str, found: set[int]) -> None:
    assert parse_cpu_list(text) == found


@given(st.sets(st.integers(0, 300)))
def test_any_set_of_cpus_written_one_by_one(wanted: set[int]) -> None:
    assert parse_cpu_list(",".join(map(str, sorted(wanted)))) == wanted


def test_the_mask_of_a_thread() -> None:
    assert allowed_cpus(STATUS.format("0,2,64-71")) == {0, 2, *range(64, 72)}


def test_the_tightest_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    root = plant(tmp_path, V2_SYSTEMD)
    assert usable_cpus.quota(hierarchy.find(root)) is None
    plant(root, {f"{SLICE}/cpu.max": "150000 100000\n", "sys/fs/cgroup/user.slice/cpu.max": "max 100000\n"})
    assert usable_cpus.quota(hierarchy.find(root)) == 1.5


@pytest.mark.parametrize(("quota", "found"), [("-1\n", None), ("10000\n", 0.1)])
def test_a_quota_of_version_1(tmp_path: Path, quota: str, found: float | None) -> None:
    own = "sys/fs/cgroup/cpu"
    files = {f"{own}/cpu.cfs_quota_us": quota, f"{own}/cpu.cfs_period_us": "100000\n"}
    assert usable_cpus.quota(hierarchy.find(plant(tmp_path, {**V1_SEPARATE, **files}))) == found


def test_threads_outside_the_mask_have_escaped(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    mine, elsewhere = ",".join(map(str, allowed)), str(max(allowed) + 1)
    root = plant(
        tmp_path,
        {
            **V1_SEPARATE,
            "proc/71/cgroup": "1:cpu:/\n",
            "proc/71/status": STATUS.format(mine),
            "proc/71/task/72/status": STATUS.format(mine),
            "proc/71/task/73/status": STATUS.format(elsewhere),
        },
    )
    found = usable_cpus.describe(71, [72, 73, 74], root)  # 74 has ended
    assert found.escaped == [73]
    assert found.threads == 4
    assert found.allowed == sorted(allowed)
    assert found.usable == len(allowed)


def test_a_default_pool_has_a_thread_for_each_physical_core(tmp_path: Path) -> None:
    cores = {0: ("0", "0"), 1: ("0", "1"), 2: ("0", "0"), 3: ("1", "0")}
    tree: dict[str, str] = {}
    for cpu, (package, core) in cores.items():
        folder = f"sys/devices/system/cpu/cpu{cpu}/topology"
        tree |= {f"{folder}/physical_package_id": package, f"{folder}/core_id": core}
    assert default_pool_threads(plant(tmp_path, tree)) == 3
