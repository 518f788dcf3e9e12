"""Opens the kernel's sampling clock, perf_event_open(2): on a CPU, or in a thread.

perf itself would be a program more, which writes files: through a pipe its records come only when a buffer is
half full, which at some tens a second takes minutes (perf 6.1). Descriptors end with us, however we end.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import time
from ctypes import c_int32, c_uint16, c_uint32, c_uint64
from functools import cache
from typing import TYPE_CHECKING

from profiler.errors import MachineError
from profiler.record.capabilities import PERMISSION_HINT

if TYPE_CHECKING:
    from collections.abc import Callable

CALL_NUMBERS = {"x86_64": 298, "aarch64": 241}
"""arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h."""
SOFTWARE = 1
CPU_CLOCK = 0
IP, TID, TIME, CPU = 1 << 0, 1 << 1, 1 << 2, 1 << 7
"""What a sample has (PERF_SAMPLE_*), in the order in which it has it."""
EXCLUDE_KERNEL, EXCLUDE_HYPERVISOR, EXCLUDE_IDLE, USE_CLOCK = 1 << 5, 1 << 6, 1 << 7, 1 << 25
"""Bits of the attribute's flags."""
CLOSE_ON_EXEC = 8
EVERYBODY, ANY_CPU, NO_GROUP = -1, -1, -1
REFUSED = (errno.EACCES, errno.EPERM)


class Attributes(ctypes.Structure):
    """`struct perf_event_attr` as of PERF_ATTR_SIZE_VER5, which every kernel since 4.1 takes."""

    _fields_ = (
        ("type", c_uint32), ("size", c_uint32), ("config", c_uint64), ("sample_period", c_uint64),
        ("sample_type", c_uint64), ("read_format", c_uint64), ("flags", c_uint64),
        ("wakeup_events", c_uint32), ("bp_type", c_uint32), ("bp_addr", c_uint64), ("bp_len", c_uint64),
        ("branch_sample_type", c_uint64), ("sample_regs_user", c_uint64), ("sample_stack_user", c_uint32),
        ("clockid", c_int32), ("sample_regs_intr", c_uint64), ("aux_watermark", c_uint32),
        ("sample_max_stack", c_uint16), ("reserved", c_uint16),
    )  # fmt: skip


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
        sample_type=IP | TID | TIME | CPU,
        flags=flags | USE_CLOCK | EXCLUDE_HYPERVISOR | (0 if kernel else EXCLUDE_KERNEL),
        clockid=time.CLOCK_MONOTONIC,
    )
    descriptor = _call()(ctypes.byref(attributes), pid, cpu, NO_GROUP, CLOSE_ON_EXEC)
    if descriptor < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return descriptor


@cache
def _call() -> Callable[..., int]:
    number = CALL_NUMBERS.get(platform.machine())
    if number is None:
        raise MachineError(f"light sampling is not known on {platform.machine()}")
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long

    def perf_event_open(attributes: object, pid: int, cpu: int, group: int, flags: int) -> int:
        return int(
            call(ctypes.c_long(number), attributes, c_int32(pid), c_int32(cpu), c_int32(group),
                 ctypes.c_ulong(flags))
        )  # fmt: skip

    return perf_event_open


def refusal(error: OSError) -> MachineError:
    """Return what a user is told of the kernel's refusal."""
    hint = PERMISSION_HINT if error.errno in REFUSED else "`ortprof doctor` says what this machine allows"
    return MachineError(f"the kernel opens no sampling clock: {error.strerror}", hint=hint)
