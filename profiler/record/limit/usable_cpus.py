"""Which CPUs affinity, cpuset and quota leave to a process, and which of its threads went elsewhere."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from profiler.errors import MachineError
from profiler.record.limit import hierarchy
from profiler.run.cpu_budget import Cpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.record.limit.hierarchy import Hierarchy


def quota(place: Hierarchy) -> float | None:
    """Return the CPUs that the tightest quota on the way up allows, or None where there is none."""
    quotas = [quota for folder in place.upwards() if (quota := _quota_of(folder, place.version)) is not None]
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


def describe(pid: int, pool_tids: Iterable[int], *, callers: int = 1) -> Cpus:
    """Describe the CPUs of a process, and the threads of its pools; `ProcessLookupError` when it is gone.

    Of several processes of one service, the first, and the pools and `callers` of all.

    Nobody pins its first thread, so that one's affinity mask is what the process was meant to have. ONNX
    Runtime pins the workers of a pool that it sizes itself by the machine's cores, whatever the mask.
    """
    allowed, tids = os.sched_getaffinity(pid), list(pool_tids)
    masks = {}
    for tid in tids:
        with contextlib.suppress(ProcessLookupError):
            masks[tid] = os.sched_getaffinity(tid)
    smallest = None
    with contextlib.suppress(MachineError):
        smallest = quota(hierarchy.find(pid=pid))
    return Cpus(
        allowed=sorted(allowed),
        quota=smallest,
        threads=callers + len(tids),
        escaped=[tid for tid, mask in masks.items() if not mask <= allowed],
        pinned=sum(mask != allowed for mask in masks.values()),
    )


def of_threads(*pids: int) -> set[int]:
    """Return the CPUs that any thread of some processes may use; `ProcessLookupError` when all are gone."""
    cpus = {cpu for pid in pids for cpu in _of_threads(pid)}
    if not cpus:
        raise ProcessLookupError(f"no process {', '.join(map(str, pids))}")
    return cpus


def _of_threads(pid: int) -> set[int]:
    cpus: set[int] = set()
    with contextlib.suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(ProcessLookupError):
                cpus |= os.sched_getaffinity(int(task.name))
    return cpus


def default_pool_threads() -> int:
    """Return the threads that ONNX Runtime's pool has by default: one a physical core of the machine."""
    return psutil.cpu_count(logical=False) or os.cpu_count() or 1
