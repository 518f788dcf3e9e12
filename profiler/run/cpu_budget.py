"""The CPUs that a process may use, against the threads that want them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from profiler.run.ranges import Count, CpuNumber, Number, ThreadId

if TYPE_CHECKING:
    from collections.abc import Iterable


def cpu_list(cpus: Iterable[int]) -> str:
    """Return numbers of CPUs in the kernel's list format (cpuset(7)): `0-3,8`."""
    ranges: list[list[int]] = []
    for cpu in sorted(set(cpus)):
        if ranges and ranges[-1][1] == cpu - 1:
            ranges[-1][1] = cpu
        else:
            ranges.append([cpu, cpu])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


CPU_RANGE = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


def parse_cpu_list(text: object) -> frozenset[int]:
    """Return the CPUs of a list in the kernel's format, `0-3,8`; `ValueError` says what fits."""
    cpus: set[int] = set()
    for part in str(text).split(","):
        span = CPU_RANGE.fullmatch(part.strip())
        first, last = (int(span[1]), int(span[2] or span[1])) if span else (1, 0)
        if first > last:
            raise ValueError(f"{str(text)[:40]}: numbers of CPUs, such as 0-3,8")
        cpus.update(range(first, last + 1))
    return frozenset(cpus)


class Cpus(msgspec.Struct, frozen=True, kw_only=True):
    """What affinity, cpuset and quota left to the workload, and how its pool took it."""

    allowed: list[CpuNumber]
    """Logical CPUs of the affinity mask when the process was started; a cpuset narrows that mask."""
    quota: Number | None = None
    """CPUs by the smallest CFS quota of its cgroup and those above; None without one."""
    threads: Count
    """Those of ONNX Runtime's pools, and those that call it; of all processes."""
    escaped: list[ThreadId] = []
    """Ids of those threads that were pinned to a CPU outside `allowed`."""
    pinned: Count | None = None
    """Of the pools' threads, those with fewer CPUs than `allowed`, or others; None in runs of versions that
    did not look."""

    @property
    def usable(self) -> float:
        """CPUs that can be busy all the time."""
        return min(len(self.allowed), self.quota if self.quota is not None else float("inf"))
