"""The words of figures: what CPU time and wall time were for, and what a verdict rests on."""

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
    SLEEP = "sleep"
    """A call that sleeps (`nanosleep`, `usleep`), made by a loop that polls: a poll with sleeps."""
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


class Part(str, Enum):
    """What a request's wall time was for, along the calling thread."""

    LATE = "late"
    """From the scheduled instant to the start: the thread was busy, or did not get a CPU in time."""
    COMPUTE = "compute"
    """On a CPU: its own share of the work, application code included."""
    JOIN = "spin-join"
    """On a CPU: polled for the workers to finish."""
    FUTEX = "futex"
    """On a CPU: in the futex path, mostly waking workers."""
    BLOCKED = "blocked"
    """Off the CPU, on a futex."""
    RUNNABLE = "runnable"
    """Off the CPU, although ready to run."""
    THROTTLED = "throttled"
    """Ready to run, or not started yet, while the CPU limit's quota was used up."""
    OTHER = "other"
    """The kernel, code of unknown purpose, sleep and I/O."""
    UNACCOUNTED = "unaccounted"
    """Between switches of which a record is missing."""


PARTS = tuple(Part)


class Meanwhile(str, Enum):
    """What the workers did, the first of these that holds for any of them."""

    COMPUTING = "computing"
    """One of them worked: the wait was of use."""
    THROTTLED = "throttled"
    """One was ready to run while the CPU limit's quota was used up."""
    WAKING = "waking"
    """One had been woken and was not running yet, or was on its way out of the futex call."""
    PREEMPTED = "preempted"
    """One was ready to run and had lost its CPU to another thread."""
    IDLE = "idle"
    """All of them polled or slept: work was being handed over, or they had none."""


MEANWHILE = tuple(Meanwhile)


class Outside(str, Enum):
    """Where CPU time went that is no operator's."""

    EXECUTOR = "executor"
    """In an operator's window, but of what called it: the executor, and ONNX Runtime's profiler."""
    BETWEEN = "between"
    """The session's threads in a request, between operators: the executor, the interpreter, the profiler."""
    IDLE = "idle"
    """No request was in flight."""
    OTHERS = "others"
    """Threads that are not the session's, in requests."""
    UNSAMPLED = "unsampled"
    """No sample stands for it."""


OUTSIDES = tuple(Outside)
"""In the order of their indices in columns; what no sample stands for comes last."""


def kind_frame(kind: Kind | Wait) -> str:
    """Return the frame that stands for a kind in formats that know call chains alone.

    Brackets tell it from a function; an import knows it again.
    """
    return f"[{kind.value}]"
