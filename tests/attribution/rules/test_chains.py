from __future__ import annotations

from dataclasses import replace

import pytest

from profiler.attribution.rules.chains import Activity, ChainVerdict, Frame, classify, task_entry
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import Evidence, Role
from profiler.symbols.calls import CallKind
from profiler.symbols.polling import LoopPlace
from tests.attribution.made_frames import (
    AWAKE,
    FUTEX,
    HELPER,
    LIBC,
    NAMED_JOIN,
    NAMED_WORKER,
    NAP,
    PAUSE,
    PLAIN,
    PYTHON,
    SEM_WAIT,
    START,
    TICK,
    YIELD,
    frame,
    holding,
    join,
    kernel,
    worker,
)

INLINED_WAKE = holding(PLAIN, frame(Owner.SYSTEM, "std::condition_variable::notify_one"))
INLINED_TASK = holding(NAMED_WORKER, frame(symbol="std::function<void ()>::operator()"))
INLINED_JOIN = holding(join(), frame(helper=True), replace(NAMED_JOIN, polls=True, place=LoopPlace.POLLING))
HANDS_OUT = holding(join(place=LoopPlace.OUTSIDE), replace(NAMED_JOIN, polls=True, place=LoopPlace.OUTSIDE))


INSTRUCTION, SYMBOL, SYSCALL = Evidence.INSTRUCTION, Evidence.SYMBOL, Evidence.SYSCALL
WINDOW, NO_EVIDENCE = Evidence.WINDOW, Evidence.NONE
IN_CALLING, IN_POOL, IN_OTHER = Role.CALLING, Role.POOL, Role.OTHER


@pytest.mark.parametrize(
    ("chain", "role", "activity", "evidence"),
    [
        # By instructions, as in a stripped library.
        ([PAUSE, worker(), PLAIN, START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([worker(), PLAIN, START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([HELPER, worker(), START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([HELPER, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.TASK, INSTRUCTION),
        ([worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.TASK, INSTRUCTION),
        ([PLAIN, join(place=LoopPlace.AROUND), PYTHON], IN_CALLING, Activity.RUNTIME, WINDOW),
        (
            [frame(Owner.INTERPRETER, "gc", polls=True, dispatches=True, place=LoopPlace.AROUND)],
            IN_CALLING,
            Activity.APP,
            SYMBOL,
        ),
        # A yield is part of the loop, the kernel's side included; elsewhere it is the kernel's.
        ([*YIELD, worker(), START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([*YIELD, NAMED_WORKER, START], IN_POOL, Activity.POLL_WORK, SYMBOL),
        ([*YIELD, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.TASK, INSTRUCTION),
        ([*YIELD, PLAIN, START], IN_POOL, Activity.KERNEL, SYMBOL),
        # So is a sleep, which has evidence of its own; what a task sleeps is not the loop's.
        ([*NAP, worker(), START], IN_POOL, Activity.POLL_WORK, Evidence.SLEEP),
        ([*NAP[3:], join(), PYTHON], IN_CALLING, Activity.POLL_JOIN, Evidence.SLEEP),
        ([*NAP, NAMED_WORKER, START], IN_POOL, Activity.POLL_WORK, Evidence.SLEEP),
        ([*NAP, PLAIN, worker(CallKind.INDIRECT), START], IN_POOL, Activity.KERNEL, SYMBOL),
        ([*NAP, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.KERNEL, SYMBOL),
        ([*NAP, PLAIN, START], IN_POOL, Activity.KERNEL, SYMBOL),
        ([PLAIN, worker(CallKind.INDIRECT, LoopPlace.AROUND), START], IN_POOL, Activity.TASK, INSTRUCTION),
        ([PLAIN, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.TASK, INSTRUCTION),
        ([PAUSE, join(), PLAIN, PYTHON], IN_CALLING, Activity.POLL_JOIN, INSTRUCTION),
        ([PLAIN, join(CallKind.INDIRECT, LoopPlace.OUTSIDE), PYTHON], IN_CALLING, Activity.RUNTIME, WINDOW),
        # A pool thread that joins inside its own task, and one whose pool waits at a barrier.
        ([PAUSE, join(), PLAIN, worker(CallKind.INDIRECT), START], IN_POOL, Activity.POLL_JOIN, INSTRUCTION),
        ([PAUSE, join(), START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([PAUSE, join(), START], IN_OTHER, Activity.POLL_JOIN, INSTRUCTION),
        # By name.
        ([NAMED_WORKER, START], IN_POOL, Activity.POLL_WORK, SYMBOL),
        ([HELPER, NAMED_WORKER, START], IN_POOL, Activity.POLL_WORK, SYMBOL),
        ([NAMED_JOIN, PYTHON], IN_CALLING, Activity.POLL_JOIN, SYMBOL),
        (
            [frame(symbol="std::_Function_handler<void (), X>::_M_invoke"), NAMED_WORKER],
            IN_POOL,
            Activity.TASK,
            SYMBOL,
        ),
        # By the names of what was inlined.
        ([holding(PLAIN, HELPER, NAMED_WORKER), START], IN_POOL, Activity.POLL_WORK, SYMBOL),
        ([holding(worker(), HELPER), START], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([INLINED_TASK, START], IN_POOL, Activity.TASK, SYMBOL),
        ([INLINED_JOIN, PYTHON], IN_CALLING, Activity.POLL_JOIN, SYMBOL),
        ([HANDS_OUT, PYTHON], IN_CALLING, Activity.RUNTIME, SYMBOL),
        ([*FUTEX, INLINED_WAKE, PYTHON], IN_CALLING, Activity.FUTEX, SYMBOL),
        ([holding(frame(symbol="MlasConv"), frame(symbol="Load"))], IN_POOL, Activity.LONE_KERNEL, SYMBOL),
        # Waiting and waking.
        ([*FUTEX, LIBC, PLAIN, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.FUTEX, SYSCALL),
        ([*FUTEX, LIBC], IN_POOL, Activity.FUTEX, SYSCALL),
        # nsync's calls, before and after the kernel's futex code.
        ([LIBC, PLAIN, worker(place=LoopPlace.AROUND), START], IN_POOL, Activity.FUTEX, SYSCALL),
        ([kernel("do_syscall_64"), LIBC, PLAIN, PYTHON], IN_CALLING, Activity.FUTEX, SYSCALL),
        ([kernel("do_syscall_64"), LIBC, PYTHON], IN_CALLING, Activity.KERNEL, SYMBOL),
        ([frame(Owner.SYSTEM, "pthread_cond_wait"), PLAIN, NAMED_WORKER], IN_POOL, Activity.FUTEX, SYMBOL),
        ([*FUTEX, AWAKE, PYTHON], IN_CALLING, Activity.FUTEX, SYMBOL),
        # CPython's own locks use the same functions.
        (
            [*FUTEX, SEM_WAIT, frame(Owner.INTERPRETER, "PyThread_acquire_lock_timed")],
            IN_CALLING,
            Activity.APP,
            SYMBOL,
        ),
        ([*FUTEX, SEM_WAIT, PYTHON], IN_CALLING, Activity.APP, SYMBOL),
        ([*FUTEX, LIBC], IN_OTHER, Activity.UNKNOWN, NO_EVIDENCE),
        # The kernel for other reasons, and everything else.
        ([kernel("asm_exc_page_fault"), PLAIN, worker(CallKind.INDIRECT)], IN_POOL, Activity.KERNEL, SYMBOL),
        ([TICK, kernel("do_syscall_64"), LIBC], IN_POOL, Activity.KERNEL, SYMBOL),
        # Interrupts belong to what they interrupt.
        ([kernel("__schedule"), TICK, PAUSE, worker()], IN_POOL, Activity.POLL_WORK, INSTRUCTION),
        ([kernel("el0t_64_irq"), frame(), PYTHON], IN_CALLING, Activity.RUNTIME, WINDOW),
        ([frame(Owner.SYSTEM, "memcpy"), PLAIN, PYTHON], IN_CALLING, Activity.RUNTIME, WINDOW),
        ([frame(symbol="MlasGemmBatch"), PYTHON], IN_CALLING, Activity.RUNTIME, SYMBOL),
        ([frame()], IN_POOL, Activity.LONE_KERNEL, WINDOW),
        ([frame(symbol="MlasGemmFloatKernelAvx512F")], IN_POOL, Activity.LONE_KERNEL, SYMBOL),
        ([PAUSE], IN_POOL, Activity.UNKNOWN, NO_EVIDENCE),
        ([PYTHON, PLAIN], IN_CALLING, Activity.APP, SYMBOL),
        ([LIBC, PYTHON], IN_CALLING, Activity.APP, SYMBOL),
        ([LIBC], IN_OTHER, Activity.UNKNOWN, NO_EVIDENCE),
        ([], IN_POOL, Activity.UNKNOWN, NO_EVIDENCE),
    ],
)
def test_what_a_chain_was_doing(
    chain: list[Frame], role: Role, activity: Activity, evidence: Evidence
) -> None:
    assert classify(chain, role) == ChainVerdict(activity, evidence)


def test_the_task_is_what_the_outermost_loop_entered_indirectly() -> None:
    chain = [PAUSE, join(), PLAIN, PLAIN, worker(CallKind.INDIRECT), START]
    assert task_entry(chain) == 3
    assert task_entry([PAUSE, worker(), START]) is None
