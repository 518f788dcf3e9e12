"""Which CPUs affinity, cpuset and quota leave to a process, and which of its threads went elsewhere."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.limit import hierarchy
from profiler.run.cpu_budget import Cpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.record.limit.hierarchy import Hierarchy

ROOT = Path("/")


def parse_cpu_list(text: str) -> set[int]:
    """Parse the kernel's list format (cpuset(7)): `0-2,7`."""
    cpus: set[int] = set()
    for part in filter(None, text.strip().split(",")):
        first, _, last = part.partition("-")
        cpus |= set(range(int(first), int(last or first) + 1))
    return cpus


def allowed_cpus(status: str) -> set[int]:
    """Return the CPUs that a thread may run on, from its /proc/PID/task/TID/status."""
    found = re.search(r"^Cpus_allowed_list:\s*(\S*)$", status, re.MULTILINE)
    return parse_cpu_list(found[1]) if found else set()


def quota(place: Hierarchy) -> float | None:
    """Return the CPUs that the tightest quota on the way up allows, or None where there is none."""
    quotas = [found for folder in place.upwards() if (found := _quota_of(folder, place.version)) is not None]
    return min(quotas, default=None)


def _quota_of(folder: Path, version: int) -> float | None:
    """Read `cpu.max` (`max 100000`), or version 1's two files (a quota of -1 is none)."""
    try:
        if version == 1:
            amount, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        else:
            amount, period = (folder / "cpu.max").read_text().split()
    except (OSError, ValueError):  # a root has none
        return None
    return None if amount.strip() in ("max", "-1") else int(amount) / int(period)


def describe(pid: int, pool_tids: Iterable[int], root: Path = ROOT) -> Cpus:
    """Describe the CPUs of a process, and the threads of its pools.

    Nobody pins its first thread, so that one's affinity mask is what the process was meant to have. ONNX
    Runtime pins the workers of a pool that it sizes itself by the machine's cores, whatever the mask.
    """
    allowed, tids = allowed_cpus((root / f"proc/{pid}/status").read_text()), list(pool_tids)
    escaped = []
    for tid in tids:
        with contextlib.suppress(OSError):
            if not allowed_cpus((root / f"proc/{pid}/task/{tid}/status").read_text()) <= allowed:
                escaped.append(tid)
    found = None
    with contextlib.suppress(MachineError):
        found = quota(hierarchy.find(root, pid))
    return Cpus(allowed=sorted(allowed), quota=found, threads=1 + len(tids), escaped=escaped)


def default_pool_threads(root: Path = ROOT) -> int:
    """Return the threads that ONNX Runtime's pool has by default: one a physical core of the machine."""
    cores = set()
    for topology in (root / "sys/devices/system/cpu").glob("cpu[0-9]*/topology"):
        with contextlib.suppress(OSError):
            cores.add(tuple((topology / name).read_text() for name in ("physical_package_id", "core_id")))
    return len(cores) or os.cpu_count() or 1
