"""Frames as the rules see them."""

from __future__ import annotations

from dataclasses import replace

from profiler.attribution.rules.chains import Frame
from profiler.attribution.rules.names import Name, of_symbol
from profiler.attribution.rules.owners import Owner
from profiler.symbols.calls import CallKind
from profiler.symbols.polling import LoopPlace


def frame(
    owner: Owner = Owner.RUNTIME,
    symbol: str = "",
    *,
    call: CallKind = CallKind.UNKNOWN,
    place: LoopPlace = LoopPlace.OUTSIDE,
    polls: bool = False,
    dispatches: bool = False,
    wraps: bool = False,
    helper: bool = False,
    shared: bool = False,
) -> Frame:
    return Frame(
        owner=owner,
        name=of_symbol(symbol) if symbol else Name.NOTHING,
        named=bool(symbol),
        call=call,
        place=place,
        polls=polls,
        dispatches=dispatches,
        wraps=wraps,
        helper=helper,
        shared=shared,
    )


def kernel(symbol: str) -> Frame:
    return frame(Owner.KERNEL, symbol)


def worker(call: CallKind = CallKind.DIRECT, place: LoopPlace = LoopPlace.POLLING) -> Frame:
    return frame(call=call, place=place, polls=True, dispatches=True)


def join(call: CallKind = CallKind.DIRECT, place: LoopPlace = LoopPlace.POLLING) -> Frame:
    return frame(call=call, place=place, polls=True)


POOL = "onnxruntime::concurrency::ThreadPoolTempl<onnxruntime::Env>"

PAUSE = frame(wraps=True, helper=True)

HELPER = frame(helper=True)

PLAIN = frame(call=CallKind.DIRECT)

START = frame(Owner.SYSTEM, "start_thread", call=CallKind.INDIRECT)

PYTHON = frame(Owner.INTERPRETER, "_PyEval_EvalFrameDefault")

LIBC = frame(Owner.SYSTEM, "syscall")

NAMED_WORKER = frame(symbol=f"{POOL}::WorkerLoop")

NAMED_JOIN = frame(symbol=f"{POOL}::EndParallelSectionInternal")

AWAKE = frame(symbol=f"{POOL}::WorkerData::EnsureAwake")

SEM_WAIT = frame(Owner.SYSTEM, "sem_clockwait")

TICK = kernel("asm_sysvec_apic_timer_interrupt")

YIELD = [kernel("do_sched_yield"), kernel("__x64_sys_sched_yield"), frame(Owner.SYSTEM, "__sched_yield")]

NAP = [
    kernel("schedule"),
    kernel("do_nanosleep"),
    kernel("__x64_sys_clock_nanosleep"),
    frame(Owner.SYSTEM, "clock_nanosleep@@GLIBC_2.17"),
    frame(Owner.SYSTEM, "usleep"),
]

FUTEX = [kernel("futex_wait"), kernel("do_futex"), kernel("__x64_sys_futex")]


def holding(own: Frame, *inlined: Frame) -> Frame:
    """Return a frame with these inlined into it, the innermost first, as `make_frames` does."""
    levels = (*(replace(one, owner=own.owner, inlined=True) for one in inlined), replace(own, levels=()))
    return replace(own, levels=levels)
