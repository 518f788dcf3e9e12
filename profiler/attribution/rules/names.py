"""What function names say, as data: how ONNX Runtime's thread pool, nsync, glibc, CPython and Linux wait.

Names are matched on the function alone, without its arguments. Sources: onnxruntime's
EigenNonBlockingThreadPool.h (WorkerLoop, RunInParallelSection, EndParallelSectionInternal), nsync's cv.c and
mu.c (up to ONNX Runtime 1.20), glibc's nptl, CPython's thread_pthread.h and ceval_gil, Linux's kernel/futex,
kernel/sched/core.c, arch/x86/include/asm/idtentry.h and arch/arm64/kernel/entry.S.
"""

from __future__ import annotations

import re
from enum import IntFlag
from functools import lru_cache

from profiler.symbols.demangle import bare_function


class Name(IntFlag):
    """What a function's name says about a frame."""

    NOTHING = 0
    WORKER_LOOP = 1
    """Polls for tasks and runs them."""
    JOIN_LOOP = 2
    """Hands tasks to other threads, runs its own share and polls for the others to end."""
    PAUSE = 4
    """One spin step."""
    WAIT = 8
    """A blocking wait or a wake-up that goes through a futex, and the pool's own code around it."""
    PYTHON_LOCK = 16
    """CPython's own locks, which use the same futex functions."""
    FUTEX_KERNEL = 32
    """The kernel's side of the futex call."""
    TASK = 64
    """Enters a task: work, whatever called it."""
    SWITCH_KERNEL = 128
    """The kernel's context switch."""
    RAW_SYSCALL = 256
    """libc's way to make a system call that has no function of its own, such as a futex call."""
    INTERRUPT_KERNEL = 512
    """Where the kernel is entered by an interrupt."""
    IO_KERNEL = 1024
    """The kernel waits for a disk."""
    PROFILER_KERNEL = 2048
    """The kernel's side of perf: what watching costs, wherever it happens."""
    YIELD = 4096
    """Gives the CPU away for an instant."""
    SLEEP = 16384
    """Gives the CPU away for a time."""
    INTERPRETER_LOCK = 8192
    """Waits for CPython's lock that lets one thread at a time run Python: in the middle of its work."""


RULES: dict[Name, tuple[str, ...]] = {
    Name.WORKER_LOOP: (r"ThreadPoolTempl<.*>::WorkerLoop",),
    Name.JOIN_LOOP: (
        r"ThreadPoolTempl<.*>::(End|RunIn)ParallelSection(Internal)?",
        r"(Barrier|Notification)::Wait",
    ),
    Name.PAUSE: (r"SpinPause",),
    Name.WAIT: (
        r"ThreadPoolTempl<.*>::(WorkerData::)?(SetBlocked|EnsureAwake).*",
        r"Ort(CondVar|Mutex)::.*",
        r"nsync_\w+",
        r"nsync::.*",
        r"(condition_variable|condition_variable_any|__condvar)::.*",
        r"__gthread_cond_\w+",
        r"_*pthread_(cond|mutex)_\w+(@.*)?",
        r"(__GI_)?_*futex_\w+",
        r"(__GI_)?__lll_(lock|unlock)_\w+",
        r"(__new_|__old_|__)?sem_(wait|timedwait|clockwait|trywait|post)\w*(@.*)?",
    ),
    Name.PYTHON_LOCK: (
        r"PyThread_(acquire|release)_lock\w*",
        r"(take|drop)_gil\w*",
        r"PyEval_(Acquire|Restore|Save|Release)\w*",
        r"_?Py(Mutex|Semaphore|ParkingLot)_\w+",
        r"r?lock_PyThread_\w+",
    ),
    Name.INTERPRETER_LOCK: (r"(take|drop)_gil\w*",),
    Name.FUTEX_KERNEL: (
        r"(__(x64|arm64|ia32|se)_sys_|sys_|do_)futex\w*",
        r"_*futex_(wait|wake|do_wait|requeue)\w*",
    ),
    Name.SWITCH_KERNEL: (r"__schedule", r"finish_task_switch"),
    Name.RAW_SYSCALL: (r"syscall",),
    Name.INTERRUPT_KERNEL: (r"asm_(sysvec_\w+|common_interrupt)", r"el0_interrupt", r"el0t_64_irq\w*"),
    Name.IO_KERNEL: (r"io_schedule\w*", r"(folio|bit|wait_on_page)_wait_(bit|io)\w*", r"wait_on_page_\w+"),
    Name.PROFILER_KERNEL: (r"_*perf_\w+",),
    Name.YIELD: (r"(__)?sched_yield", r"thrd_yield", r"pthread_yield", r"__(x64|arm64|se)_sys_sched_yield"),
    Name.SLEEP: (
        r"(__)?(__libc_)?(clock_)?nanosleep(@.*)?",
        r"u?sleep(@.*)?",
        r"thrd_sleep(@.*)?",
        r"this_thread::__sleep_for",
        r"__(x64|arm64|se)_sys_(clock_)?nanosleep\w*",
        r"(hrtimer|do)_nanosleep",
        r"common_nsleep\w*",
    ),
    Name.TASK: (r"(_Function_handler|function)<.*>::(_M_invoke|operator ?\(\)).*",),
}
"""An alternative must match the whole name behind its namespaces; a name may match several rules."""

_COMPILED = {
    flag: re.compile(f"(?:.*::)?(?:{'|'.join(alternatives)})") for flag, alternatives in RULES.items()
}


@lru_cache(maxsize=65536)
def of_symbol(symbol: str) -> Name:
    """Return what a demangled symbol says: `Name.NOTHING` for one that no rule knows."""
    plain = bare_function(symbol)
    names = Name.NOTHING
    for flag, pattern in _COMPILED.items():
        if pattern.fullmatch(plain):
            names |= flag
    return names
