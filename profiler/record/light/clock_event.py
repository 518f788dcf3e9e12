"""Opens the kernel's sampling clock, perf_event_open(2): on a CPU, or in a thread.

perf itself would be a program more, which writes files: through a pipe its records come only when a buffer is
half full, which at some tens a second takes minutes (perf 6.1). Descriptors end with us, however we end.
"""

from __future__ import annotations

import ctypes
import time

from profiler.errors import MachineError
from profiler.record.capabilities import PERMISSION_HINT
from profiler.record.perf_event import (
    ANY_CPU,
    EVERYBODY,
    REFUSED,
    SAMPLE_HAS,
    USE_CLOCK,
    Attributes,
    open_event,
)

SOFTWARE = 1
CPU_CLOCK = 0
EXCLUDE_KERNEL, EXCLUDE_HYPERVISOR, EXCLUDE_IDLE = 1 << 5, 1 << 6, 1 << 7
"""Bits of the attribute's flags."""


def open_on_cpu(cpu: int, period_ns: int, *, kernel: bool) -> int:
    """Sample whoever runs on a CPU; return the descriptor. `OSError` as the kernel says it."""
    return _open(period_ns, EVERYBODY, cpu, EXCLUDE_IDLE, kernel=kernel)


def open_in_thread(tid: int, period_ns: int, *, kernel: bool) -> int:
    """Sample a thread by its CPU time; return the descriptor. `ProcessLookupError` when it is gone."""
    return _open(period_ns, tid, ANY_CPU, 0, kernel=kernel)


def _open(period_ns: int, pid: int, cpu: int, flags: int, *, kernel: bool) -> int:
    attributes = Attributes(
        type=SOFTWARE,
        size=ctypes.sizeof(Attributes),
        config=CPU_CLOCK,
        sample_period=period_ns,
        sample_type=SAMPLE_HAS,
        flags=flags | USE_CLOCK | EXCLUDE_HYPERVISOR | (0 if kernel else EXCLUDE_KERNEL),
        clockid=time.CLOCK_MONOTONIC,
    )
    return open_event(attributes, pid, cpu)


def refusal(error: OSError) -> MachineError:
    """Return what a user is told of the kernel's refusal."""
    hint = PERMISSION_HINT if error.errno in REFUSED else "`ortprof doctor` says what this machine allows"
    return MachineError(f"the kernel opens no sampling clock: {error.strerror}", hint=hint)
