"""The machine that a run executed on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import psutil

from profiler.errors import MachineError
from profiler.record.limit import hierarchy, usable_cpus
from profiler.run.manifest import Host


def describe() -> Host:
    """Describe this machine, without its name."""
    cgroup, quota = _limits()
    return Host(
        cpu=_cpu_model(Path("/proc/cpuinfo").read_text(errors="replace")),
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=psutil.virtual_memory().total,
        kernel=platform.release(),
        system=_system(),
        cgroup=cgroup,
        quota=quota,
    )


def _cpu_model(cpuinfo: str) -> str:
    """Return the processor's name; arm64 kernels give only an implementer's and a part's number."""
    model = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return model[1].strip() if model else platform.machine()


def _limits() -> tuple[int | None, float | None]:
    """Return the version of the hierarchy that limits CPUs, and the quota that this process has by it."""
    try:
        place = hierarchy.find()
    except MachineError:
        return None, None
    return place.version, usable_cpus.quota(place)


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()
