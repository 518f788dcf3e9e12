"""perf_event_open(2): an event of the kernel's, for us alone. Descriptors end with us, however we end."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from ctypes import c_int32, c_uint16, c_uint32, c_uint64
from functools import cache
from typing import TYPE_CHECKING

from profiler.errors import MachineError

if TYPE_CHECKING:
    from collections.abc import Callable

CALL_NUMBERS = {"x86_64": 298, "aarch64": 241}
"""arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h."""
IP, TID, TIME, CPU = 1 << 0, 1 << 1, 1 << 2, 1 << 7
"""What a sample has (PERF_SAMPLE_*), in the order in which it has it."""
SAMPLE_HAS = IP | TID | TIME | CPU
USE_CLOCK = 1 << 25
"""A bit of the attribute's flags."""
CLOSE_ON_EXEC = 8
EVERYBODY, ANY_CPU, NO_GROUP = -1, -1, -1
REFUSED = (errno.EACCES, errno.EPERM)
"""How the kernel says that somebody may not."""


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


def open_event(attributes: Attributes, pid: int, cpu: int) -> int:
    """Return an event's descriptor; `OSError` as the kernel says it."""
    descriptor = _call()(ctypes.byref(attributes), pid, cpu, NO_GROUP, CLOSE_ON_EXEC)
    if descriptor < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return descriptor


@cache
def _call() -> Callable[..., int]:
    number = CALL_NUMBERS.get(platform.machine())
    if number is None:
        raise MachineError(f"sampling without perf is not known on {platform.machine()}")
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long

    def perf_event_open(attributes: object, pid: int, cpu: int, group: int, flags: int) -> int:
        return int(
            call(ctypes.c_long(number), attributes, c_int32(pid), c_int32(cpu), c_int32(group),
                 ctypes.c_ulong(flags))
        )  # fmt: skip

    return perf_event_open
