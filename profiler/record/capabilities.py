"""What this machine lets perf do. Probed, because perf accepts options that it then ignores."""

from __future__ import annotations

import os
import re
from pathlib import Path

from profiler import process
from profiler.errors import MachineError

PARANOID = Path("/proc/sys/kernel/perf_event_paranoid")
CAP_SYS_ADMIN = 21
CAP_PERFMON = 38
PROBE_SECONDS = 20.0
PERMISSION_HINT = (
    "as root: sysctl kernel.perf_event_paranoid=1, or give perf CAP_PERFMON "
    "(setcap cap_perfmon,cap_sys_ptrace=ep /usr/bin/perf); in a container: --cap-add PERFMON"
)


def perf_version() -> str:
    """Return perf's version, such as `6.1.187`; `MachineError` where perf is missing."""
    said = process.run(["perf", "--version"], timeout=PROBE_SECONDS).stdout.decode(errors="replace")
    number = re.search(r"\d+\.\d+\S*", said)
    if number is None:
        raise MachineError(
            f"perf --version says {said.strip()!r}", hint="is `perf` on PATH the Linux profiler?"
        )
    return number[0]


def paranoid_level() -> int | None:
    """Return kernel.perf_event_paranoid, or None where the kernel has no perf events."""
    try:
        return int(PARANOID.read_text())
    except (OSError, ValueError):
        return None


def has_capability(number: int) -> bool:
    """Whether this process has an effective capability, by its number in capabilities(7)."""
    mask = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return mask is not None and bool(int(mask[1], 16) >> number & 1)


def privileged() -> bool:
    """Whether perf's permission checks are waived for this process."""
    return has_capability(CAP_PERFMON) or has_capability(CAP_SYS_ADMIN)


def kernel_visible() -> bool:
    """Whether perf may sample the kernel for a process of ours."""
    level = paranoid_level()
    return privileged() or (level is not None and level <= 1)


def event_counts(event: str) -> bool:
    """Whether an event can be opened and counts something here."""
    done = process.run(["perf", "stat", "-x,", "-e", event, "--", "true"], timeout=PROBE_SECONDS)
    return done.exit_code == 0 and re.search(r"^\d", done.stderr, re.MULTILINE) is not None


def event_records(event: str) -> bool:
    """Whether each occurrence of a kernel event may be recorded here; counting is allowed more widely.

    Where the kernel is off limits, perf would silently take the event's user side alone, which is empty.
    """
    command = ["perf", "record", "-q", "-e", event, "-c", "1", "-o", os.devnull, "--", "true"]
    return kernel_visible() and process.run(command, timeout=PROBE_SECONDS).exit_code == 0


def watches_cpus(event: str) -> bool:
    """Whether an event may be recorded on a whole CPU here, whoever runs on it."""
    cpu = str(min(os.sched_getaffinity(0)))
    command = ["perf", "record", "-q", "-a", "-C", cpu, "-e", event, "-o", os.devnull, "--", "true"]
    return process.run(command, timeout=PROBE_SECONDS).exit_code == 0


def sampling_event() -> str:
    """Return the event to sample: `cycles` where a PMU exists, else `cpu-clock`; `:u` without the kernel.

    `MachineError` where perf can't open either.
    """
    suffix = "" if kernel_visible() else ":u"
    for event in ("cycles", "cpu-clock"):
        if event_counts(event + suffix):
            return event + suffix
    level = paranoid_level()
    raise MachineError(
        f"perf can open neither cycles nor cpu-clock (kernel.perf_event_paranoid is {level})",
        hint=PERMISSION_HINT,
    )


def buffer_pages() -> int | None:
    """Return pages for perf's buffer of each CPU (8 MiB), or None where only the default is allowed.

    Stack dumps arrive at 16 MB a second and CPU; beyond perf_event_mlock_kb a buffer needs CAP_IPC_LOCK.
    """
    return 2048 if has_capability(14) else None
