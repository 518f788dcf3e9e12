"""File trees of machines, with the contents that their kernels gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

V1_SEPARATE = {
    "proc/self/mountinfo": (
        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
        "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
        "33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n"
    ),
    "proc/self/cgroup": "9:name=systemd:/\n2:cpuacct:/\n1:cpu:/\n0::/\n",
    "sys/fs/cgroup/cpu/cgroup.procs": "1\n",
    "sys/fs/cgroup/cpu/cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
    "sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
}
"""Version 1 beside a version 2 without the cpu controller."""

V1_CONTAINER = {
    "proc/self/mountinfo": (
        "741 740 0:31 /docker/4f1c /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:11 - "
        "cgroup cgroup rw,cpu,cpuacct\n"
    ),
    "proc/self/cgroup": "4:cpu,cpuacct:/docker/4f1c\n",
    "sys/fs/cgroup/cpu,cpuacct/cpu.stat": "nr_periods 0\nnr_throttled 0\nthrottled_time 0\n",
}
"""Docker without a cgroup namespace: the mount shows a part of the hierarchy."""

SESSION = "sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"
SLICE = "sys/fs/cgroup/user.slice/user-1000.slice"
V2_SYSTEMD = {
    "proc/self/mountinfo": (
        "26 22 0:23 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - "
        "cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
    ),
    "proc/self/cgroup": "0::/user.slice/user-1000.slice/session-2.scope\n",
    "sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory hugetlb pids rdma misc\n",
    "sys/fs/cgroup/cgroup.subtree_control": "cpu memory pids\n",
    "sys/fs/cgroup/cgroup.procs": "2\n",
    "sys/fs/cgroup/user.slice/cgroup.controllers": "cpu memory pids\n",
    "sys/fs/cgroup/user.slice/cgroup.subtree_control": "cpu memory pids\n",
    "sys/fs/cgroup/user.slice/cgroup.procs": "",
    f"{SLICE}/cgroup.controllers": "cpu memory pids\n",
    f"{SLICE}/cgroup.subtree_control": "memory pids\n",
    f"{SLICE}/cgroup.procs": "",
    f"{SESSION}/cgroup.controllers": "memory pids\n",
    f"{SESSION}/cgroup.subtree_control": "",
    f"{SESSION}/cgroup.procs": "812\n",
}
"""A login session of systemd."""


def plant(root: Path, tree: dict[str, str]) -> Path:
    """Write a tree's files below `root`."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root
