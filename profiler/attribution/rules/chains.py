"""What one call chain was doing: rules over frames, each verdict with its evidence.

Pure. A chain runs from the leaf to the thread's start; a thread pool's structure gives the answer:

    kernel frames, if any | what the loop called | the polling loop | ... | the thread's start

The nearest polling loop decides. What it entered through an *indirect* call (`std::function`) is a task, so
work. What it called directly is polling (`PopFront`, `Steal`, `SpinPause`) or blocking (`SetBlocked` down to
the futex). See docs/architecture.md, "How ONNX Runtime waits".
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import Evidence, Role
from profiler.symbols.calls import CallKind
from profiler.symbols.polling import LoopPlace

if TYPE_CHECKING:
    from collections.abc import Sequence


PROFILER_KERNEL, FUTEX_KERNEL = Name.PROFILER_KERNEL.value, Name.FUTEX_KERNEL.value
PYTHON_LOCK, WAIT = Name.PYTHON_LOCK.value, Name.WAIT.value
YIELD, SLEEP, TASK = Name.YIELD.value, Name.SLEEP.value, Name.TASK.value


@dataclass(frozen=True, slots=True)
class Frame:
    """What is known of one distinct frame."""

    owner: Owner
    name: Name
    named: bool
    """perf gave it a name."""
    call: CallKind
    """How this frame called the one above it."""
    place: LoopPlace
    """Where in its function's polling loop it stands."""
    polls: bool
    """Its function has a polling loop."""
    dispatches: bool
    """Its function's polling loop is a worker's: it runs what it waited for, through an indirect call."""
    wraps: bool
    """Its function pauses once for its caller."""
    helper: bool
    """Its function is small and called by a polling loop, pause included."""
    shared: bool = False
    """Of a helper: other code seems to call it as well, so that without a caller it says nothing."""
    inlined: bool = False
    """Its function was inlined into the one that holds the code, so it has no frame of its own."""
    levels: tuple[Frame, ...] = ()
    """The frame as the source has it, where functions were inlined into it: these, the innermost first, and
    then its own function. Else empty."""
    bits: int = field(init=False, repr=False, compare=False)
    """`name` as a number: flags are slow, and chains ask for it a hundred times a frame."""
    in_loop: bool = field(init=False, repr=False, compare=False)
    """Whether it stands in a polling loop, by name or by instructions."""

    def __post_init__(self) -> None:
        """Note what is asked for often."""
        object.__setattr__(self, "bits", self.name.value)
        object.__setattr__(self, "in_loop", _is_loop(self))


class Activity(str, Enum):
    """What a chain was doing; with the thread and the request it becomes a kind."""

    TASK = "task"
    RUNTIME = "runtime"
    """ONNX Runtime's code, with no pool around it."""
    LONE_KERNEL = "lone-kernel"
    """One frame of the runtime and nothing below: assembly kernels carry no unwind information."""
    POLL_WORK = "poll-work"
    POLL_JOIN = "poll-join"
    FUTEX = "futex"
    APP = "app"
    KERNEL = "kernel"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ChainVerdict:
    """What a chain was doing, and how we know."""

    activity: Activity
    evidence: Evidence


UNKNOWN = ChainVerdict(Activity.UNKNOWN, Evidence.NONE)


def classify(chain: Sequence[Frame], role: Role) -> ChainVerdict:
    """Return what a chain (leaf first) of a thread with this role was doing.

    The time of an interrupt belongs to what it interrupted, as the thread's CPU clock has it.
    """
    chain = unfold(chain)
    entry = next((i for i, frame in enumerate(chain) if frame.owner is not Owner.KERNEL), len(chain))
    kernel, user = chain[:entry], chain[entry:]
    if _any(kernel, PROFILER_KERNEL):
        return ChainVerdict(Activity.KERNEL, Evidence.SYMBOL)
    if _any(user, PYTHON_LOCK):
        return ChainVerdict(Activity.APP, Evidence.SYMBOL)
    loop = next((i for i, frame in enumerate(user) if frame.in_loop), None)
    above = user if loop is None else user[:loop]
    if _any(kernel, FUTEX_KERNEL) or _in_raw_call(user) or _any(above, WAIT):
        return _waiting(user, above, role)
    yields = loop is not None and (_any(kernel, YIELD) or _any(above, YIELD))
    sleeps = loop is not None and _sleeps(kernel, user, loop)
    if kernel and not kernel[-1].name & Name.INTERRUPT_KERNEL and not (yields or sleeps):
        return ChainVerdict(Activity.KERNEL, Evidence.SYMBOL)
    if loop is not None:
        verdict = _in_loop(user, loop, role)
        return dataclasses.replace(verdict, evidence=Evidence.SLEEP) if sleeps else verdict
    return _elsewhere(user)


def waits_for_work(loop: Frame) -> bool:
    """Whether a polling loop is that of a thread pool of the runtime's: it runs what it waited for.

    Other code has such loops as well: an event loop, another library's pool.
    """
    return loop.owner is Owner.RUNTIME and bool(loop.dispatches or loop.name & Name.WORKER_LOOP)


def unfold(chain: Sequence[Frame]) -> list[Frame]:
    """Return a chain as it would be had nothing been inlined: rules by name see what the source says."""
    return [level for frame in chain for level in frame.levels or (frame,)]


def _any(frames: Sequence[Frame], bits: int) -> bool:
    """Whether the name of any of these frames has any of these bits."""
    return any(frame.bits & bits for frame in frames)


def _is_loop(frame: Frame) -> bool:
    """Whether a frame stands in a polling loop, by name or by instructions.

    A join's function also hands out work before it polls: where its instructions are known, they decide.
    Around a polling loop, only a worker's stands for what it runs: an interpreter's main loop holds all sorts
    of loops.
    """
    if frame.name & Name.WORKER_LOOP:
        return True
    if frame.polls and frame.place is LoopPlace.AROUND:
        return frame.dispatches and frame.owner in (Owner.RUNTIME, Owner.ELSEWHERE)
    if frame.polls:
        return frame.place is LoopPlace.POLLING
    return bool(frame.name & Name.JOIN_LOOP)


def _in_raw_call(user: Sequence[Frame]) -> bool:
    """Whether the runtime itself called `syscall`: nsync (up to ONNX Runtime 1.20) does, for futexes.

    On its way back the kernel may have left the futex code already, to switch threads for instance.
    """
    return len(user) > 1 and bool(user[0].name & Name.RAW_SYSCALL) and user[1].owner is Owner.RUNTIME


def enters_task(user: Sequence[Frame], loop: int) -> bool:
    """Whether work lies above the loop at index `loop`: entered indirectly, or named as a task's entry.

    A frame's `call` says how *it* called the frame above, so frames 1 to `loop` tell.
    """
    return any(frame.call is CallKind.INDIRECT for frame in user[1 : loop + 1]) or _any(user[:loop], TASK)


def task_entry(chain: Sequence[Frame]) -> int | None:
    """Return the index of the frame that the outermost polling loop entered indirectly, if one did."""
    for index in range(len(chain) - 1, 0, -1):
        if chain[index].in_loop and chain[index].call is CallKind.INDIRECT:
            return index - 1
    return None


def _sleeps(kernel: Sequence[Frame], user: Sequence[Frame], loop: int) -> bool:
    """Whether the loop at index `loop` polls, and what it called sleeps; a task that sleeps is the task's."""
    return not _works(user, loop) and (_any(kernel, SLEEP) or _any(user[:loop], SLEEP))


def _works(user: Sequence[Frame], loop: int) -> bool:
    """Whether the loop at index `loop` runs a task, or does what is no polling."""
    return enters_task(user, loop) or (user[loop].polls and user[loop].place is not LoopPlace.POLLING)


def _waiting(user: Sequence[Frame], above: Sequence[Frame], role: Role) -> ChainVerdict:
    named = _any(above, WAIT)
    evidence = Evidence.SYMBOL if named else Evidence.SYSCALL
    if role is Role.POOL or any(frame.owner is Owner.RUNTIME for frame in user):
        return ChainVerdict(Activity.FUTEX, evidence)
    if any(frame.owner is Owner.INTERPRETER for frame in user):
        return ChainVerdict(Activity.APP, evidence)
    return UNKNOWN


def _in_loop(user: Sequence[Frame], loop: int, role: Role) -> ChainVerdict:
    frame = user[loop]
    by_name = bool(frame.name & (Name.WORKER_LOOP | Name.JOIN_LOOP))
    evidence = Evidence.SYMBOL if by_name else Evidence.INSTRUCTION
    if _works(user, loop):
        return ChainVerdict(Activity.TASK, evidence)
    joins = bool(frame.name & Name.JOIN_LOOP) if by_name else _joins(user, loop, role)
    return ChainVerdict(Activity.POLL_JOIN if joins else Activity.POLL_WORK, evidence)


def _joins(user: Sequence[Frame], loop: int, role: Role) -> bool:
    """Whether a nameless loop waits for others to finish a task, not for a task to come.

    The calling thread always does. A pool thread does inside a task of its own, so above another loop; pools
    that wait for work at a barrier (OpenMP's) have a loop that dispatches nothing, but nothing below it.
    """
    if role is Role.CALLING or user[loop].dispatches:
        return role is Role.CALLING
    return role is not Role.POOL or any(below.in_loop for below in user[loop + 1 :])


def _elsewhere(user: Sequence[Frame]) -> ChainVerdict:
    """Judge a chain without kernel, wait or loop, by whose code it is."""
    if not user:
        return UNKNOWN
    leaf = user[0]
    if leaf.owner is Owner.INTERPRETER:
        return ChainVerdict(Activity.APP, Evidence.SYMBOL)
    if leaf.wraps:
        # A pause whose caller is lost: too little to say what it waits for.
        return UNKNOWN
    runtime = [frame for frame in user if frame.owner is Owner.RUNTIME]
    if runtime:
        evidence = Evidence.SYMBOL if any(frame.named for frame in runtime) else Evidence.WINDOW
        alone = sum(not frame.inlined for frame in user) == 1
        return ChainVerdict(Activity.LONE_KERNEL if alone else Activity.RUNTIME, evidence)
    if any(frame.owner is Owner.INTERPRETER for frame in user):
        return ChainVerdict(Activity.APP, Evidence.SYMBOL)
    return UNKNOWN
