"""What categories, kinds, waits and evidence are called on the page, and what they mean."""

from __future__ import annotations

from profiler.run.kinds import Category, Evidence, Kind, Meanwhile, Outside, Part, Role, Wait

CATEGORY_MEANINGS = {
    Category.EFFECTIVE: "work for requests",
    Category.SPIN: "polling: threads that wait without giving up the CPU",
    Category.OVERHEAD: "entering, leaving and waking futex waits",
    Category.OTHER: "the kernel's own work, and what could not be told",
}
KIND_MEANINGS = {
    Kind.COMPUTE: "kernels and framework work for a request",
    Kind.APP: "interpreter and application code",
    Kind.SPIN_IDLE: "a pool thread polls for work while no request is in flight",
    Kind.SPIN_BUSY: "a pool thread polls for work while a request is in flight",
    Kind.SPIN_JOIN: "a thread polls for its workers to finish (ignores allow_spinning)",
    Kind.FUTEX: "blocking and waking: condition variables, the system call, the scheduler",
    Kind.KERNEL: "interrupts, page faults and other system calls",
    Kind.UNKNOWN: "no rule could tell, or no sample fell there",
}
EVIDENCE_MEANINGS = {
    Evidence.SYMBOL: "a function's name",
    Evidence.INSTRUCTION: "PAUSE, TPAUSE or YIELD, found by disassembly",
    Evidence.SYSCALL: "the kernel's side of a futex call",
    Evidence.SLEEP: "a call that sleeps, made by a loop that polls",
    Evidence.WINDOW: "only that a request was in flight",
    Evidence.NONE: "nothing",
}
ROLE_NAMES = {
    Role.CALLING: "calling thread",
    Role.POOL: "pool thread",
    Role.OTHER: "other thread",
}
PART_NAMES = {
    Part.LATE: "late to start",
    Part.COMPUTE: "computed",
    Part.JOIN: "polled for workers",
    Part.FUTEX: "in the futex path",
    Part.BLOCKED: "blocked on a futex",
    Part.RUNNABLE: "ready without a CPU",
    Part.THROTTLED: "throttled",
    Part.OTHER: "other",
    Part.UNACCOUNTED: "unaccounted for",
}
PART_MEANINGS = {
    Part.LATE: "from its scheduled instant to its start",
    Part.COMPUTE: "on a CPU: its own share of the work, application code included",
    Part.JOIN: "on a CPU, until the workers had finished",
    Part.FUTEX: "on a CPU, mostly waking workers",
    Part.BLOCKED: "off the CPU until another thread woke it",
    Part.RUNNABLE: "something else ran on its CPU",
    Part.THROTTLED: "ready, or not started yet, while the CPU limit's quota was used up",
    Part.OTHER: "the kernel, code of unknown purpose, sleep and I/O",
    Part.UNACCOUNTED: "the record of a context switch is missing",
}
MEANWHILE_NAMES = {
    Meanwhile.COMPUTING: "computing",
    Meanwhile.THROTTLED: "throttled",
    Meanwhile.WAKING: "waking up",
    Meanwhile.PREEMPTED: "without a CPU",
    Meanwhile.IDLE: "without work",
}
MEANWHILE_MEANINGS = {
    Meanwhile.COMPUTING: "one of them worked: the wait was of use",
    Meanwhile.THROTTLED: "one was ready to run, and the CPU limit's quota was used up",
    Meanwhile.WAKING: "one had been woken and did not run its work yet",
    Meanwhile.PREEMPTED: "one had lost its CPU to another thread",
    Meanwhile.IDLE: "all polled or slept: work was being handed over, or there was none",
}
"""Where more than one holds, the first of them counts."""
OUTSIDE_NAMES = {
    Outside.EXECUTOR: "executor and profiler",
    Outside.BETWEEN: "between operators",
    Outside.IDLE: "no request in flight",
    Outside.OTHERS: "other threads",
    Outside.UNSAMPLED: "not sampled",
}
OUTSIDE_MEANINGS = {
    Outside.EXECUTOR: "in an operator's window, but of what called it and took down its time",
    Outside.BETWEEN: "in a request: likewise, and the interpreter",
    Outside.IDLE: "the pool's polling after a request, the interpreter",
    Outside.OTHERS: "threads that are not the session's, in requests",
    Outside.UNSAMPLED: "CPU time that no sample stands for",
}
WAIT_MEANINGS = {
    Wait.FUTEX: "blocked on a condition variable, a mutex or a semaphore",
    Wait.RUNNABLE: "ready to run, but without a CPU: preempted, or woken and not running yet",
    Wait.THROTTLED: "kept off by a CPU limit",
    Wait.SLEEP: "waits for time, input or anything else that is no futex",
    Wait.IO: "waits for a disk",
}
WAIT_PATTERNS = {
    Wait.FUTEX: "blocked",
    Wait.RUNNABLE: "runnable",
    Wait.THROTTLED: "throttled",
    Wait.SLEEP: "sleep",
    Wait.IO: "io",
}
"""What waits are drawn in. Blocking is not drawn as the CPU time of the futex path is."""
UNTRACED_WAKE_UPS = (
    "wake-ups were not traced (--waits trace): the time from a wake-up to running counts as what the thread "
    "waited for"
)


PART_PATTERNS = {Part.OTHER: "kernel", Part.UNACCOUNTED: "unknown"}
"""Parts that are drawn as a kind of CPU time of another name; the rest by their own."""
