"""The words of attribution: what CPU time was for, and what a verdict rests on (DESIGN.md)."""

from __future__ import annotations

from enum import Enum


class Category(str, Enum):
    """Top level, in the words of threading profilers."""

    EFFECTIVE = "effective"
    SPIN = "spin"
    OVERHEAD = "overhead"
    OTHER = "other"


class Kind(str, Enum):
    """What CPU time was for."""

    COMPUTE = "compute"
    """Kernels and framework work for a request."""
    APP = "app"
    """Interpreter and application code."""
    SPIN_IDLE = "spin-idle"
    """A pool thread polls for work and no request is in flight: pure waste."""
    SPIN_BUSY = "spin-busy"
    """A pool thread polls for work while a request is in flight."""
    SPIN_JOIN = "spin-join"
    """A thread polls for its workers to finish (ignores allow_spinning)."""
    FUTEX = "futex"
    """Entering, leaving and waking futex waits."""
    KERNEL = "kernel"
    UNKNOWN = "unknown"

    @property
    def category(self) -> Category:
        """The category that this kind belongs to."""
        return CATEGORIES[self]


CATEGORIES = {
    Kind.COMPUTE: Category.EFFECTIVE,
    Kind.APP: Category.EFFECTIVE,
    Kind.SPIN_IDLE: Category.SPIN,
    Kind.SPIN_BUSY: Category.SPIN,
    Kind.SPIN_JOIN: Category.SPIN,
    Kind.FUTEX: Category.OVERHEAD,
    Kind.KERNEL: Category.OTHER,
    Kind.UNKNOWN: Category.OTHER,
}


class Evidence(str, Enum):
    """What a verdict rests on."""

    SYMBOL = "symbol"
    """A frame that has a name."""
    INSTRUCTION = "instruction"
    """PAUSE, TPAUSE or YIELD found by disassembly, and how the call above the loop was made."""
    SYSCALL = "syscall"
    """The kernel's side of a futex call."""
    WINDOW = "window"
    """Only that a request was in flight."""
    NONE = "none"


class Wait(str, Enum):
    """Why a thread was off the CPU."""

    FUTEX = "futex"
    """Blocked on a futex: a condition variable, a mutex, a semaphore."""
    RUNNABLE = "runnable"
    """Ready to run, but without a CPU: preempted, or woken and not yet scheduled."""
    THROTTLED = "throttled"
    """Kept off by a CPU limit."""
    SLEEP = "sleep"
    """Waits for time, for input, or for anything else that is not a futex."""
    IO = "io"
    """Waits for a disk."""


class Role(str, Enum):
    """What a thread is to the session."""

    CALLING = "calling"
    """Calls `Run`."""
    POOL = "pool"
    """The session's thread pool."""
    OTHER = "other"


KINDS = tuple(Kind)
"""Kinds in the order of their indices in columns."""
EVIDENCES = tuple(Evidence)
ROLES = tuple(Role)
WAITS = tuple(Wait)
