"""What categories, kinds and evidence are called on the page, and what they mean."""

from __future__ import annotations

from profiler.attribution.kinds import Category, Evidence, Kind, Role

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
    Evidence.WINDOW: "only that a request was in flight",
    Evidence.NONE: "nothing",
}
ROLE_NAMES = {
    Role.CALLING: "calling thread",
    Role.POOL: "pool thread",
    Role.OTHER: "other thread",
}
