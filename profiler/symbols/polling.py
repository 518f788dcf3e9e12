"""Polling loops: where code waits by asking again and again.

The evidence is structure alone, so any library will do: a loop whose body holds a pause, or a direct call of
a function that pauses once and returns (a wrapper, such as an out-of-line `SpinPause`). A loop that reads no
memory and calls nothing merely counts: a delay, and a function that only delays is a wrapper too.

How far the loops around a pause reach tells what the wait is for. One that waits for a condition is a few
instructions long; one that waits for work is nested in one that runs the work, through an indirect call.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.calls import find_call_sites
from profiler.symbols.elf import NOWHERE
from profiler.symbols.loops import find_loops, read_flow
from profiler.symbols.noreturn import NoReturn

if TYPE_CHECKING:
    from profiler.arrays import Bools, Bytes, Int32s, Int64s
    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image
    from profiler.symbols.spin import SpinInstructions

MAX_WRAPPER_BYTES = 512
"""Larger functions that pause outside a loop do more than pause. ONNX Runtime's SpinPause, with the one-time
CPU detection that is inlined into it, has 144 to 208 bytes (1.23 to 1.32)."""
STACK_REGISTERS = frozenset({"rsp", "sp", "x29"})
FRAME_POINTER_SET_UP = ("mov", "rbp, rsp")
"""With it, rbp addresses the stack; without it, rbp is a register like any other."""
WITHOUT_ACCESS = frozenset({"nop", "lea"})
"""Mnemonics with a memory operand that read nothing."""
READ_ONLY = frozenset({"cmp", "test", "bt"})
"""x86-64 mnemonics whose first operand, when it is memory, is not written."""


class LoopPlace(IntEnum):
    """Where an instruction stands, seen from the pauses of its function."""

    OUTSIDE = 0
    """In no loop around a pause."""
    AROUND = 1
    """In a loop around a polling loop: work that the poll found, blocking, starting over."""
    POLLING = 2
    """In the innermost loop around a pause that asks for something."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Address ranges graded `AROUND` or `POLLING`, in order of address, none overlapping. Equal lengths."""

    start: Int64s
    end: Int64s
    place: Bytes


@dataclass(frozen=True, slots=True)
class CallEdges:
    """Direct calls and tail jumps made by polling functions, in order of address. Equal lengths."""

    address: Int64s
    """Virtual address of the instruction."""
    caller: Int32s
    """Function index."""
    callee: Int32s
    """Function index; NOWHERE outside the table, so for most PLT stubs."""
    target: Int64s
    """Virtual address that is called: a function's beginning or a PLT stub."""
    place: Bytes
    """Where the call stands."""


@dataclass(frozen=True, slots=True)
class Polling:
    """The polling loops of a file."""

    wrappers: Int32s
    """Functions that pause once for their caller, sorted."""
    functions: Int32s
    """Functions with a polling loop, sorted."""
    dispatches: Bools
    """For each of `functions`: a loop around its polling loop makes an indirect call, so it may run what it
    waited for (a worker). Otherwise it waits for a condition (a join, a lock)."""
    sites: Int64s
    """Virtual addresses of the pauses, and calls of wrappers, in polling loops."""
    regions: Regions
    edges: CallEdges


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one function does. `regions` are (start, end, place)."""

    sites: tuple[int, ...]
    polls: bool
    wraps: bool
    dispatches: bool
    regions: tuple[tuple[int, int, int], ...]
    edges: tuple[tuple[int, int, int], ...]
    """(site, target, place) of direct calls and jumps out of the function."""


def find_polling(image: Image, spins: SpinInstructions) -> Polling:
    """Find the polling loops around spin instructions, and around calls of wrappers."""
    pausing = frozenset(spins.address.tolist())
    wrappers: set[int] = set()
    verdicts: dict[int, _Verdict] = {}
    functions, stubs = image.functions, image.stubs
    no_return = NoReturn(image)
    pending = sorted(set(spins.function.tolist()))
    while pending:
        targets = {int(functions.start[index]) for index in wrappers}
        for index in pending:
            verdicts[index] = _judge(image, no_return, index, pausing, targets)
        fresh = [i for i in pending if verdicts[i].wraps and i not in wrappers]
        wrappers.update(fresh)
        sites = find_call_sites(image, np.array(fresh, np.int64))
        pending = sorted(set(sites.caller.tolist()) - set(fresh))
    polling = sorted(index for index, verdict in verdicts.items() if verdict.polls)
    chosen = [verdicts[index] for index in polling]
    regions = np.array([row for verdict in chosen for row in verdict.regions], np.int64).reshape(-1, 3)
    edges = np.array(
        [(index, *row) for index, verdict in zip(polling, chosen, strict=True) for row in verdict.edges],
        np.int64,
    ).reshape(-1, 4)
    return Polling(
        np.array(sorted(wrappers), np.int32),
        np.array(polling, np.int32),
        np.array([verdict.dispatches for verdict in chosen], np.bool_),
        np.array([site for verdict in chosen for site in verdict.sites], np.int64),
        Regions(regions[:, 0], regions[:, 1], regions[:, 2].astype(np.uint8)),
        CallEdges(
            edges[:, 1],
            edges[:, 0].astype(np.int32),
            functions.starting_at(stubs.resolve(edges[:, 2])),
            edges[:, 2],
            edges[:, 3].astype(np.uint8),
        ),
    )


def _judge(
    image: Image, no_return: NoReturn, index: int, pausing: frozenset[int], wrappers: set[int]
) -> _Verdict:
    """Look at one function, given the addresses that pause and the addresses of wrappers known so far."""
    start, end = int(image.functions.start[index]), int(image.functions.end[index])
    code = image.disassemble(index)
    target = image.stubs.resolve(
        np.array([NOWHERE if i.target is None else i.target for i in code], np.int64)
    )
    # A jump to the function's own start is a loop; a call of it is a recursion.
    is_call = np.array([instruction.is_call for instruction in code], np.bool_)
    leaves = (target != NOWHERE) & ((target < start) | (target >= end) | (is_call & (target == start)))
    pauses = {
        k
        for k, instruction in enumerate(code)
        if instruction.address in pausing or (leaves[k] and int(target[k]) in wrappers)
    }
    loops = find_loops(read_flow(code, no_return.among(code)))
    has_frame = any((i.mnemonic, i.operands) == FRAME_POINTER_SET_UP for i in code)
    stack = STACK_REGISTERS | {"rbp"} if has_frame else STACK_REGISTERS
    place = np.zeros(len(code), np.uint8)
    sites, dispatches = [], False
    for pause in sorted(pauses):
        around = [loop for loop in loops if pause in loop]
        innermost = next((loop for loop in around if _asks(code, loop - pauses, stack)), None)
        if innermost is None:
            continue
        sites.append(code[pause].address)
        outermost = list(around[-1])
        place[outermost] = np.maximum(place[outermost], LoopPlace.AROUND)
        place[list(innermost)] = LoopPlace.POLLING
        dispatches |= any(code[k].is_call and code[k].target is None for k in outermost)
    small = end - start <= MAX_WRAPPER_BYTES
    return _Verdict(
        tuple(sites),
        polls=bool(sites),
        wraps=bool(pauses) and not sites and small,
        dispatches=dispatches,
        regions=tuple(_runs(code, place)),
        edges=tuple(
            (code[k].address, int(code[k].target or 0), int(place[k]))
            for k in np.flatnonzero(leaves).tolist()
        ),
    )


def _asks(code: list[Instruction], loop: frozenset[int], stack: frozenset[str]) -> bool:
    """Whether a loop looks at anything that another thread may change: memory, or a call's result.

    The stack counts too, since a join's counters may live in its caller's frame, but not what the loop itself
    writes there: that is its own counter.
    """
    read: set[str] = set()
    written: set[str] = set()
    for index in loop:
        instruction = code[index]
        if instruction.is_call:
            return True
        before, bracket, memory = instruction.operands.partition("[")
        if not bracket or instruction.mnemonic in WITHOUT_ACCESS:
            continue
        place = memory.split("]", 1)[0]
        if re.split(r"[ ,]", place, maxsplit=1)[0] not in stack:
            return True
        stores = "," not in before and instruction.mnemonic not in READ_ONLY
        (written if stores or instruction.mnemonic.startswith("st") else read).add(place)
    return bool(read - written)


def _runs(code: list[Instruction], place: Bytes) -> list[tuple[int, int, int]]:
    """(start, end, place) of each run of instructions with one grade above `OUTSIDE`."""
    edges = np.flatnonzero(np.diff(place)) + 1
    bounds = itertools.pairwise([0, *edges.tolist(), len(code)])
    return [
        (code[first].address, code[last - 1].address + len(code[last - 1].data), int(place[first]))
        for first, last in bounds
        if last > first and place[first] != LoopPlace.OUTSIDE
    ]
