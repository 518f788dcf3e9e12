"""Polling loops: where code waits by asking again and again.

The evidence is structure alone, so any library will do; `profiler.symbols.poll_rule` has the definition. A
loop's pauses are instructions, calls of a function that pauses once and returns (a wrapper, such as an
out-of-line `SpinPause`), and calls that give the CPU away (`sched_yield`, `nanosleep`).

How far the loops around a poll reach tells what the wait is for. One that waits for a condition is a few
instructions long; one that waits for work is nested in one that runs the work, through an indirect call.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.callees import Callees
from profiler.symbols.calls import find_call_sites, find_sites_of
from profiler.symbols.elf import NOWHERE
from profiler.symbols.loops import read_flow
from profiler.symbols.noreturn import NoReturn
from profiler.symbols.poll_rule import Callee, find_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.arrays import Bools, Bytes, Int32s, Int64s
    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image
    from profiler.symbols.spin import SpinInstructions

MAX_WRAPPER_BYTES = 512
"""Larger functions that pause outside a loop do more than pause. ONNX Runtime's SpinPause, with the one-time
CPU detection that is inlined into it, has 144 to 208 bytes (1.23 to 1.32)."""


class LoopPlace(IntEnum):
    """Where an instruction stands, seen from the polling loops of its function."""

    OUTSIDE = 0
    """In no loop around a polling loop."""
    AROUND = 1
    """In a loop around a polling loop: work that the poll found, blocking, starting over."""
    POLLING = 2
    """In a polling loop."""
    ENTRY = 3
    """In a polling loop, on a way through it that passes no pause: executed whether or not it has to wait.
    The samples decide (`profiler.attribution.rules.entries`)."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Address ranges graded above `OUTSIDE`, in order of address, none overlapping. Equal lengths."""

    start: Int64s
    end: Int64s
    place: Bytes
    loop: Int64s
    """Virtual address of the polling loop's first instruction, which names it; NOWHERE for `AROUND`."""


@dataclass(frozen=True, slots=True)
class Polling:
    """The polling loops of a file."""

    wrappers: Int32s
    """Functions that pause once for their caller, sorted."""
    helpers: Int32s
    """Functions that do no more than look, called by polling functions or by each other, sorted."""
    functions: Int32s
    """Functions with a polling loop, sorted."""
    dispatches: Bools
    """For each of `functions`: a loop around its polling loop makes an indirect call, so it may run what it
    waited for (a worker). Otherwise it waits for a condition (a join, a lock)."""
    sites: Int64s
    """Virtual addresses of the pauses, and calls of wrappers, in polling loops."""
    regions: Regions


@dataclass(frozen=True, slots=True)
class PollingVerdict:
    """What one function does. `regions` are (start, end, place, loop)."""

    sites: tuple[int, ...]
    polls: bool
    wraps: bool
    sleeps: bool
    """All its pauses are sleeps."""
    dispatches: bool
    regions: tuple[tuple[int, int, int, int], ...]


def find_polling(image: Image, spins: SpinInstructions) -> Polling:
    """Find the polling loops around spin instructions, and around calls of what pauses."""
    pausing = frozenset(spins.address.tolist())
    no_return = NoReturn(image)
    callees = Callees(image, no_return)
    wrappers: set[int] = set()
    verdicts: dict[int, PollingVerdict] = {}
    yields = find_sites_of(image, np.array(callees.pausing_stubs(), np.int64))
    pending = sorted({*spins.function.tolist(), *yields.caller.tolist()})
    while pending:
        for index in pending:
            verdicts[index] = judge(image, no_return, index, pausing, callees)
        fresh = [i for i in pending if verdicts[i].wraps and i not in wrappers]
        wrappers.update(fresh)
        callees.wrappers.update(int(image.functions.start[index]) for index in fresh)
        callees.sleepers.update(int(image.functions.start[i]) for i in fresh if verdicts[i].sleeps)
        sites = find_call_sites(image, np.array(fresh, np.int64))
        pending = sorted(set(sites.caller.tolist()) - set(fresh))
    helpers = image.functions.starting_at(np.array(callees.helpers(), np.int64))
    looking = sorted(set(helpers.tolist()) - {NOWHERE} - wrappers)
    nothing = Polling(
        np.array(sorted(wrappers), np.int32),
        np.array(looking, np.int32),
        np.zeros(0, np.int32),
        np.zeros(0, np.bool_),
        np.zeros(0, np.int64),
        Regions(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8), np.zeros(0, np.int64)),
    )
    return merged(nothing, verdicts)


def merged(known: Polling, verdicts: Mapping[int, PollingVerdict]) -> Polling:
    """Return what is known with what was found of further functions, by their indices."""
    polling = sorted(index for index, verdict in verdicts.items() if verdict.polls)
    chosen = [verdicts[index] for index in polling]
    fresh = np.array([row for verdict in chosen for row in verdict.regions], np.int64).reshape(-1, 4)
    functions = np.concatenate([known.functions, np.array(polling, np.int32)])
    sites = [known.sites, np.array([site for verdict in chosen for site in verdict.sites], np.int64)]
    dispatches = np.concatenate([known.dispatches, np.array([v.dispatches for v in chosen], np.bool_)])
    order = np.argsort(functions)
    start = np.concatenate([known.regions.start, fresh[:, 0]])
    by_address = np.argsort(start)
    return Polling(
        known.wrappers,
        known.helpers,
        functions[order],
        dispatches[order],
        np.sort(np.concatenate(sites)),
        Regions(
            start[by_address],
            np.concatenate([known.regions.end, fresh[:, 1]])[by_address],
            np.concatenate([known.regions.place, fresh[:, 2].astype(np.uint8)])[by_address],
            np.concatenate([known.regions.loop, fresh[:, 3]])[by_address],
        ),
    )


def judge(
    image: Image, no_return: NoReturn, index: int, pausing: frozenset[int], callees: Callees
) -> PollingVerdict:
    """Look at one function, given the addresses that pause and what is known of callees so far."""
    start, end = int(image.functions.start[index]), int(image.functions.end[index])
    code = image.disassemble(index)
    never = no_return.among(code)
    flow = read_flow(code, never)

    def callee(at: int) -> Callee | None:
        instruction = code[at]
        target = instruction.target
        if target is None or target in never:
            return None
        if instruction.is_call:
            return callees.of(target)
        leaves = instruction.is_jump and not start <= target < end
        return callees.of(target) if leaves and callees.pauses(target) else None

    pauses = {
        k
        for k, instruction in enumerate(code)
        if instruction.address in pausing or callee(k) in (Callee.PAUSES, Callee.SLEEPS)
    }
    rounds = find_waiting(code, flow, pauses, callee)
    place = np.zeros(len(code), np.uint8)
    loop_of = np.full(len(code), NOWHERE, np.int64)
    dispatches = False
    for loop in rounds.loops:
        around = sorted(flow.instructions(loop.around))
        place[around] = np.maximum(place[around], LoopPlace.AROUND)
        dispatches |= any(code[k].is_call and code[k].target is None for k in around)
        mine = sorted(flow.instructions(loop.blocks))
        place[mine], loop_of[mine] = LoopPlace.POLLING, code[mine[0]].address
        place[sorted(flow.instructions(loop.entry))] = LoopPlace.ENTRY
        # A sample in a pause shows the instruction behind it, where the thread will go on.
        behind = [
            k + 1 for k in pauses.intersection(mine) if k + 1 < len(code) and loop_of[k + 1] == loop_of[k]
        ]
        place[behind] = LoopPlace.POLLING
    return PollingVerdict(
        sites=tuple(code[k].address for k in sorted(pauses) if place[k] == LoopPlace.POLLING),
        polls=bool(rounds.loops),
        sleeps=all(callee(k) is Callee.SLEEPS for k in pauses),
        wraps=bool(pauses) and not rounds.loops and rounds.delays and end - start <= MAX_WRAPPER_BYTES,
        dispatches=dispatches,
        regions=tuple(_runs(code, place, loop_of)),
    )


def _runs(code: list[Instruction], place: Bytes, loop: Int64s) -> list[tuple[int, int, int, int]]:
    """(start, end, place, loop) of each run of instructions with one grade above `OUTSIDE` in one loop."""
    edges = np.flatnonzero((np.diff(place) != 0) | (np.diff(loop) != 0)) + 1
    bounds = itertools.pairwise([0, *edges.tolist(), len(code)])
    return [
        (
            code[first].address,
            code[last - 1].address + len(code[last - 1].data),
            int(place[first]),
            int(loop[first]),
        )
        for first, last in bounds
        if last > first and place[first] != LoopPlace.OUTSIDE
    ]
