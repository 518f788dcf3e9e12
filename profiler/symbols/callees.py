"""What a polling loop may call: functions that pause for it, that look for it, and the rest, which work.

A function of the same file looks when it is small, does not compute in a loop, and calls nothing that works
(`PopFront`, `Steal`). One that reads nothing but its arguments has nothing to tell a loop that waits: it
works.
What is imported goes by its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.effects import CLOCKS, effect
from profiler.symbols.elf import NOWHERE
from profiler.symbols.looking import only_looks, stack_registers, stores
from profiler.symbols.loops import find_rounds, read_flow
from profiler.symbols.poll_rule import Callee, leads_through

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image
    from profiler.symbols.loops import Flow
    from profiler.symbols.noreturn import NoReturn

MAX_BYTES = 1024
"""The largest function that only looks."""
MAX_DEPTH = 3
"""How far to follow such functions calling each other."""
YIELDS = re.compile(r"sched_yield|thrd_yield|pthread_yield|_ZNSt11this_thread5yieldEv")
SLEEPS = re.compile(r"(clock_)?nanosleep|u?sleep|thrd_sleep|_ZNSt11this_thread\d+__sleep_for\w*")
LOOKS = re.compile(
    r"clock_gettime|gettimeofday|time|_ZNSt6chrono3_V2\d+(steady|system)_clock3nowEv"
    r"|__cxa_guard_(acquire|release)|pthread_(testcancel|(mutex|spin)_(try)?(un)?lock)|sem_(trywait|getvalue)"
)
"""Asks for the time, for a lock, or whether something was done once."""
FINDS_OWN = re.compile(r"__errno_location|__tls_get_addr|pthread_self")


class Callees:
    """Answers, and remembers its answers, for one file."""

    def __init__(self, image: Image, no_return: NoReturn) -> None:
        self._image = image
        self._no_return = no_return
        self._known: dict[int, Callee] = {}
        self._names = dict(zip(image.stubs.address.tolist(), image.stubs.names, strict=True))
        self.wrappers: set[int] = set()
        """Addresses of functions that pause once for their caller: known while they are being found."""
        self.sleepers: set[int] = set()
        """Those of them that sleep."""

    def pausing_stubs(self) -> list[int]:
        """Addresses of stubs that lead to a yield or a sleep."""
        return [at for at, name in self._names.items() if YIELDS.fullmatch(name) or SLEEPS.fullmatch(name)]

    def pauses(self, target: int) -> bool:
        """Whether what is called pauses, yields or sleeps once."""
        name = self._names.get(target, "")
        return (
            bool(YIELDS.fullmatch(name) or SLEEPS.fullmatch(name)) or self._resolve(target) in self.wrappers
        )

    def _sleeps(self, target: int) -> bool:
        return bool(SLEEPS.fullmatch(self._names.get(target, ""))) or self._resolve(target) in self.sleepers

    def of(self, target: int, depth: int = MAX_DEPTH) -> Callee:
        """Tell what is at an address that is called."""
        if self.pauses(target):
            return Callee.SLEEPS if self._sleeps(target) else Callee.PAUSES
        if LOOKS.fullmatch(self._names.get(target, "")):
            return Callee.LOOKS
        if FINDS_OWN.fullmatch(self._names.get(target, "")):
            return Callee.FINDS_OWN
        address = self._resolve(target)
        if address not in self._known:
            self._known[address] = Callee.WORKS  # a function that calls itself does not count as proof
            if depth > 0 and self._looks(address, depth):
                self._known[address] = Callee.LOOKS
        return self._known[address]

    def helpers(self) -> list[int]:
        """Addresses of all functions that were found to look."""
        return sorted(address for address, known in self._known.items() if known is Callee.LOOKS)

    def _resolve(self, target: int) -> int:
        return int(self._image.stubs.resolve(np.array([target]))[0])

    def _looks(self, address: int, depth: int) -> bool:
        index = int(self._image.functions.starting_at(np.array([address]))[0])
        if index == NOWHERE or self._image.functions.size(index) > MAX_BYTES:
            return False
        code = self._image.disassemble(index)
        never = self._no_return.among(code)
        flow = read_flow(code, never)
        stack = stack_registers(code)
        reached = flow.reached()
        idle = set(reached)
        for part in find_rounds(flow, reached):
            if not _scans(code, flow, part, stack):
                idle -= part
        asks = set()
        for block in reached:
            for instruction in code[flow.starts[block] : flow.ends[block]]:
                kind = None
                if instruction.is_call and instruction.target is not None and instruction.target not in never:
                    kind = self.of(instruction.target, depth - 1)
                if kind is Callee.WORKS:
                    idle.discard(block)
                if kind is Callee.LOOKS or _reads(instruction, stack):
                    asks.add(block)
        return leads_through(flow, idle, asks)


def _scans(code: Sequence[Instruction], flow: Flow, part: frozenset[int], stack: frozenset[str]) -> bool:
    """Whether a round goes from place to place, or tries again, and only looks; what it found it may note."""
    notes = {
        block
        for block in part
        if any(stores(instruction, stack) for instruction in code[flow.starts[block] : flow.ends[block]])
    }
    left = find_rounds(flow, part - notes)
    return bool(left) and all(only_looks(code, flow, one, stack, may_try=True, may_walk=True) for one in left)


def _reads(instruction: Instruction, stack: frozenset[str]) -> bool:
    done = effect(instruction)
    if instruction.mnemonic in CLOCKS:
        return True
    return bool(done.read or (done.stored and done.is_atomic)) and not (
        done.address and done.address[0] in stack
    )
