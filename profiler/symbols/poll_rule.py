"""What spinning is: which blocks of a function go round and only wait.

**The definition.** Take away the blocks that work: those that store anywhere but to the stack or a counter,
compute with vectors, make an indirect call, or call what does more than poll. What can still go round, in the
largest of the nested loops that will do, polls when each way round passes a pause or a yield, or does nothing
but read and compare what others may change. A round that asks nothing merely counts: a delay.

What leads through a polling loop and out again without a pause - the first look of a lock that is free, the
check for work that is there - may be all that is executed of it: its `entry`, and the samples decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from profiler.symbols.effects import effect
from profiler.symbols.looking import only_looks, stack_registers, stores, walks_to_store
from profiler.symbols.loops import find_loop_blocks, find_rounds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.loops import Flow


RESULT = ("rax", "x0")
"""Registers that a call returns its result in (x86-64 psABI section 3.2.3, AAPCS64 section 6.9)."""


class Callee(Enum):
    """What a call does, or a jump out of the function."""

    PAUSES = auto()
    """Pauses or yields once and returns."""
    SLEEPS = auto()
    """Likewise, for a time: in loops that poll, and between a program's pieces of work."""
    LOOKS = auto()
    """Reads shared state, takes or releases a lock, asks for the time: part of a poll."""
    FINDS_OWN = auto()
    """Returns where a thread's own data is, such as `errno`: nothing that another thread changes."""
    WORKS = auto()


@dataclass(frozen=True, slots=True)
class Rounds:
    """The waiting of one function, as block numbers."""

    loops: tuple[Loop, ...]
    delays: bool
    """A way through the function pauses and calls nothing that works; rounds, if there are any, merely count:
    each way round passes a pause, nothing works or asks."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One polling loop."""

    blocks: frozenset[int]
    entry: frozenset[int]
    """The part of `blocks` that is executed whether or not the loop polls."""
    around: frozenset[int]
    """The blocks of the whole loop that this one is part of; they hold `blocks`."""


def find_waiting(
    code: Sequence[Instruction], flow: Flow, pauses: Collection[int], callee: Callable[[int], Callee | None]
) -> Rounds:
    """Apply the definition.

    `pauses` are the indices of pausing instructions, calls of pausing functions included; `callee` tells what
    the instruction at an index calls, or jumps out of the function to, None for neither.
    """
    reached = frozenset(flow.reached())
    stack = stack_registers(code)
    pausing = {block for block in reached if any(k in pauses for k in _indices(flow, block))}
    awake = {
        block
        for block in pausing
        if any(k in pauses and callee(k) is not Callee.SLEEPS for k in _indices(flow, block))
    }
    loops: list[Loop] = []
    delays = leads_through(flow, {b for b in reached if not _calls_work(code, flow, b, callee)}, pausing)
    nests = sorted(find_loop_blocks(flow), key=len, reverse=True)
    for whole in find_rounds(flow, reached):
        working = {block for block in whole if _works(code, flow, block, stack, callee)}
        within = [whole, *(loop for loop in nests if loop < whole)]

        def polls(part: frozenset[int]) -> bool:
            return _waits(code, flow, part, pausing, stack) and _asks(code, flow, part, stack, callee)

        def polls_aside(part: frozenset[int]) -> bool:
            return _pauses_aside(code, flow, part, awake, stack) and polls(part)

        parts = _largest(flow, within, working, polls)
        if not parts:
            aside = {b for b in working if _works(code, flow, b, stack, callee, aside=True)}
            parts = _largest(flow, within, aside, polls_aside)
        loops += [Loop(part, _entry(flow, part, pausing), whole) for part in parts]
        delays &= not parts and not working and not find_rounds(flow, whole.difference(pausing))
    return Rounds(tuple(loops), delays)


def _indices(flow: Flow, block: int) -> range:
    return range(flow.starts[block], flow.ends[block])


def _largest(
    flow: Flow,
    within: Sequence[frozenset[int]],
    working: Collection[int],
    polls: Callable[[frozenset[int]], bool],
) -> list[frozenset[int]]:
    """Return the parts of nested loops, the largest first, that go round without what works, and poll."""
    found: list[frozenset[int]] = []
    for nest in within:
        found += [
            part
            for part in find_rounds(flow, nest.difference(working))
            if not any(part & other for other in found) and polls(part)
        ]
    return found


def _works(
    code: Sequence[Instruction],
    flow: Flow,
    block: int,
    stack: Collection[str],
    callee: Callable[[int], Callee | None],
    *,
    aside: bool = False,
) -> bool:
    """Whether a block works; with `aside` not by what a loop that pauses may also do (`_pauses_aside`)."""
    return any(
        callee(index) is Callee.WORKS
        or effect(code[index]).computes
        or (is_indirect(code[index]) and not aside)
        or (stores(code[index], stack) and not (aside and effect(code[index]).is_constant))
        for index in _indices(flow, block)
    )


def _calls_work(
    code: Sequence[Instruction], flow: Flow, block: int, callee: Callable[[int], Callee | None]
) -> bool:
    return any(is_indirect(code[index]) or callee(index) is Callee.WORKS for index in _indices(flow, block))


def is_indirect(instruction: Instruction) -> bool:
    """Whether an instruction calls what does not stand in it."""
    return instruction.is_call and instruction.target is None


def _pauses_aside(
    code: Sequence[Instruction],
    flow: Flow,
    part: frozenset[int],
    pausing: Collection[int],
    stack: Collection[str],
) -> bool:
    """Whether a loop that pauses each way round, awake, asks a virtual function, or notes that it waits.

    LLVM's OpenMP does both. What was called through a register is judged by its own samples; a constant that
    is stored in one place each time round says nothing new. A loop that sleeps and calls what it does not
    know is as likely a program that works now and then.
    """
    free = part.difference(pausing)
    return free != part and not find_rounds(flow, free) and not walks_to_store(code, flow, part, stack)


def _waits(
    code: Sequence[Instruction],
    flow: Flow,
    part: frozenset[int],
    pausing: Collection[int],
    stack: Collection[str],
) -> bool:
    """Whether each way round passes a pause or only looks; beside a pause it may also try atomic operations.

    Without one, those are as likely a number that is updated: an atomic maximum, a reference that is taken.
    """
    pauses = not part.isdisjoint(pausing)
    rounds = find_rounds(flow, part.difference(pausing))
    return all(_looks(code, flow, one, stack, may_try=pauses) for one in rounds)


def _looks(
    code: Sequence[Instruction],
    flow: Flow,
    part: frozenset[int],
    stack: Collection[str],
    *,
    may_try: bool,
) -> bool:
    """Whether a round, and each round within it, only looks."""
    inner = find_rounds(flow, part - {min(part)})
    return only_looks(code, flow, part, stack, may_try=may_try) and all(
        _looks(code, flow, one, stack, may_try=may_try) for one in inner
    )


def _asks(
    code: Sequence[Instruction],
    flow: Flow,
    part: Collection[int],
    stack: Collection[str],
    callee: Callable[[int], Callee | None],
) -> bool:
    """Whether a round looks at anything that another thread may change: memory, or a call's result.

    The stack counts too, since a join's counters may live in its caller's frame, but not what the round
    itself writes there: that is its own counter. A sleep that is taken up again after a signal asks nothing
    but `errno`, which is the thread's own.
    """
    read: set[str] = set()
    stored: set[str] = set()
    for block in part:
        own: tuple[str, ...] = ()
        for index in _indices(flow, block):
            called = callee(index)
            if called is Callee.LOOKS:
                return True
            if code[index].is_call:
                own = RESULT if called is Callee.FINDS_OWN else ()
                continue
            done = effect(code[index])
            if done.address and all(name in own for name in done.address):
                continue
            if (done.read or done.stored) and not (done.address and done.address[0] in stack):
                return True
            own = tuple(name for name in own if name != done.target)
            read |= {done.read} - {""}
            stored |= {done.stored} - {""}
    return bool(read - stored)


def _entry(flow: Flow, part: frozenset[int], pausing: Collection[int]) -> frozenset[int]:
    """Blocks on a way through a loop and out again that passes no pause; none where those would be all."""
    free = part.difference(pausing)
    into = {block for block in free if any(p not in part for p in flow.predecessors[block])}
    out = {
        block
        for block in free
        if any(s not in part for s in flow.successors[block]) or not flow.successors[block]
    }
    passed = _spread(into, free, flow.successors) & _spread(out, free, flow.predecessors)
    return passed if passed != part else frozenset()


def leads_through(flow: Flow, idle: Collection[int], wanted: Collection[int]) -> bool:
    """Whether a way from a function's start to an end of it, among idle blocks, passes a wanted one."""
    if 0 not in idle:
        return False
    out = {block for block in idle if not flow.successors[block]}
    passed = _spread({0}, idle, flow.successors) & _spread(out, idle, flow.predecessors)
    return not passed.isdisjoint(wanted)


def _spread(
    seeds: Collection[int], inside: Collection[int], edges: Sequence[Sequence[int]]
) -> frozenset[int]:
    reached, waiting = set(seeds), list(seeds)
    while waiting:
        for following in edges[waiting.pop()]:
            if following in inside and following not in reached:
                reached.add(following)
                waiting.append(following)
    return frozenset(reached)
