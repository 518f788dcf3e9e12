"""Whether a stretch of code that goes round only looks: reads and compares shared state, and nothing else.

A register is *carried* when what it holds depends on all the rounds before: a counter, a position in an
array, a sum. What the round before read anew, from the same place, is not: where a round is said to start
makes no difference. Code that polls looks at the same places each time round, so no address of its own is
carried, and what is carried is counted with and nothing else. Code that works walks over data or computes
from what it had.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiler.symbols.effects import COMPARES, effect

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.effects import Effect
    from profiler.symbols.loops import Flow

STACK_REGISTERS = frozenset({"rsp", "sp", "x29"})
FRAME_POINTER_SET_UP = ("mov", "rbp, rsp")
"""With it, rbp addresses the stack; without it, rbp is a register like any other."""
COUNTING = frozenset(
    {"add", "sub", "inc", "dec", "neg", "not", "and", "shl", "sal", "shr", "sar", "lea", "lsl", "lsr", "asr"}
    | {"adds", "subs", "ands", "test", "cmp", "tst", "cmn", "csel", "csinc", "csinv", "bt"}
)
"""What may be done with a carried number: count it, double it, cut it off, compare it."""
SIMPLE = COUNTING | {"nop", "or", "xor", "orr", "eor", "dmb", "lfence", "rdtsc", "rdtscp", "cdqe", "mvn"}
PACKS = re.compile(
    r"v?(punpck|unpck|shuf|pshuf|mov[hl]|pinsr|insert|pextr|extract|palignr|pblend|blend)\w*"  # x86-64
    r"|ins|zip[12]|ext|dup|fmov|bfi|bfxil"  # aarch64
)
"""Moves parts of registers together or apart: a `std::function` that is moved goes through one. Nothing is
computed."""
RETURNED = (
    "rax",
    "rcx",
    "rdx",
    "rsi",
    "rdi",
    *(f"r{n}" for n in range(8, 12)),
    *(f"x{n}" for n in range(18)),
)
"""Registers that a call leaves with new values (x86-64 psABI section 3.2.1, AAPCS64 section 6.1.1)."""


def stack_registers(code: Sequence[Instruction]) -> frozenset[str]:
    """Return the registers that a function addresses its stack by."""
    has_frame = any((i.mnemonic, i.operands) == FRAME_POINTER_SET_UP for i in code)
    return STACK_REGISTERS | {"rbp"} if has_frame else STACK_REGISTERS


def stores(instruction: Instruction, stack: Collection[str]) -> bool:
    """Whether an instruction writes to memory, not atomically, that is not the stack's or a counter's."""
    done = effect(instruction)
    if instruction.is_call or instruction.is_jump or not done.stored or done.is_atomic or done.is_counter:
        return False
    return not (done.address and done.address[0] in stack)


def is_simple(instruction: Instruction, stack: Collection[str]) -> bool:
    """Whether an instruction, whatever its registers hold, may be part of a loop that only looks."""
    if instruction.is_call:
        return False
    if instruction.is_jump:
        return instruction.target is not None
    done = effect(instruction)
    if done.computes or done.is_atomic or stores(instruction, stack):
        return False
    word = instruction.mnemonic.rsplit(" ", 1)[-1]
    return (
        done.replaces or word in SIMPLE or word.startswith(("cmov", "set")) or bool(COMPARES.fullmatch(word))
    )


def only_looks(
    code: Sequence[Instruction],
    flow: Flow,
    blocks: Collection[int],
    stack: Collection[str],
    *,
    may_try: bool = False,
    may_walk: bool = False,
) -> bool:
    """Whether blocks that go round (strongly connected) only look.

    With `may_try` it may also try atomic operations, again and again; with `may_walk` it may go from place to
    place, as in a scan over queues, and then nothing need be read at a place of its own.
    """
    kept = _kept(code, flow, blocks, stack)
    states = _states(code, flow, blocks, kept)
    shared = False
    for block in blocks:
        carried = set(states[block])
        for index in range(flow.starts[block], flow.ends[block]):
            instruction = code[index]
            done = effect(instruction)
            if done.computes or stores(instruction, stack) or (done.is_atomic and not may_try):
                return False
            walks = bool(done.read or done.stored) and any(name in carried for name in done.address)
            if walks and not may_walk:
                return False
            shared |= bool(done.read) and not walks and not (done.address and done.address[0] in stack)
            if not _may_use(instruction, done, carried, walks=walks):
                return False
            _step(instruction, carried, kept)
    return may_walk or shared


def walks_to_store(
    code: Sequence[Instruction], flow: Flow, blocks: Collection[int], stack: Collection[str]
) -> bool:
    """Whether blocks that go round store at another place each time, the stack aside."""
    kept = _kept(code, flow, blocks, stack)
    states = _states(code, flow, blocks, kept)
    for block in blocks:
        carried = set(states[block])
        for index in range(flow.starts[block], flow.ends[block]):
            if stores(code[index], stack) and not carried.isdisjoint(effect(code[index]).address):
                return True
            _step(code[index], carried, kept)
    return False


def _may_use(instruction: Instruction, done: Effect, carried: Collection[str], *, walks: bool) -> bool:
    """Whether what an instruction does with what is carried is no more than counting and comparing."""
    used = {name for name in done.sources if name in carried} | ({"memory"} if walks and done.read else set())
    if not used or not done.target:
        return True
    word = instruction.mnemonic.rsplit(" ", 1)[-1]
    if word == "lea" or word.startswith(("cmov", "cs")) or PACKS.fullmatch(word):
        return True
    return len(used) == 1 and (done.replaces or word in COUNTING)


def _kept(
    code: Sequence[Instruction], flow: Flow, blocks: Collection[int], stack: Collection[str]
) -> frozenset[str]:
    """Places on the stack that the blocks write: registers that did not fit, so carried like these."""
    return frozenset(
        done.stored
        for block in blocks
        for index in range(flow.starts[block], flow.ends[block])
        if (done := effect(code[index])).stored and done.address and done.address[0] in stack
    )


def _states(
    code: Sequence[Instruction], flow: Flow, blocks: Collection[int], kept: Collection[str]
) -> Mapping[int, frozenset[str]]:
    """Carried registers at the start of each block; a round starts at the block with the lowest address.

    At first whatever is written anywhere may be. What a round makes without any of that is taken out, until
    nothing more falls away: the greatest fixed point.
    """
    carried = frozenset(
        name
        for block in blocks
        for index in range(flow.starts[block], flow.ends[block])
        if (name := effect(code[index]).target)
    )
    while True:
        states, left = _one_round(code, flow, frozenset(blocks), kept, carried)
        if left >= carried:
            return states
        carried &= left


def _one_round(
    code: Sequence[Instruction],
    flow: Flow,
    inside: Collection[int],
    kept: Collection[str],
    carried: frozenset[str],
) -> tuple[dict[int, frozenset[str]], frozenset[str]]:
    """Return what is carried at the start of each block, and at the end of a round that began with `carried`.

    A forward may-analysis to its fixed point.
    """
    header = min(inside)
    states = {block: frozenset[str]() for block in inside}
    states[header] = carried
    waiting, visited = [header], set[int]()
    left = frozenset[str]()
    while waiting:
        block = waiting.pop()
        visited.add(block)
        after = set(states[block])
        for index in range(flow.starts[block], flow.ends[block]):
            _step(code[index], after, kept)
        for following in flow.successors[block]:
            if following == header:
                left |= after
            elif following in inside:
                merged = states[following] | after
                if merged != states[following] or following not in visited:
                    states[following] = frozenset(merged)
                    waiting.append(following)
    return states, left


def _step(instruction: Instruction, carried: set[str], kept: Collection[str]) -> None:
    """Follow one instruction: what it writes is carried if anything it is made of is."""
    if instruction.is_call:
        carried.difference_update(RETURNED)
        return
    done = effect(instruction)
    if not done.target:
        return
    made_of = (*done.sources, *(done.address if done.read else ()))
    if done.read in kept or any(name in carried for name in made_of):
        carried.add(done.target)
    else:
        carried.discard(done.target)
