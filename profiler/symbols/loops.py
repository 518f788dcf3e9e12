"""Natural loops of one function, from its instructions.

A loop is what a jump back to a dominating instruction closes (Aho, Lam, Sethi, Ullman: Compilers, 2nd
edition, section 9.6). Address order is no help: compilers move cold blocks behind the others, from where they
jump back without looping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.symbols.elf import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from profiler.symbols.disassemble import Instruction

ENDINGS = frozenset({"jmp", "ret", "ud2", "hlt", "int3", "b", "br", "retaa", "retab", "udf", "brk"})
"""Mnemonics, without prefixes, after which the next instruction is not executed."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Control flow of a function: basic blocks in order of address, and their edges by block number."""

    starts: tuple[int, ...]
    """Index of each block's first instruction."""
    ends: tuple[int, ...]
    """Index after each block's last instruction."""
    successors: tuple[tuple[int, ...], ...]
    predecessors: tuple[tuple[int, ...], ...]

    def instructions(self, blocks: Iterable[int]) -> frozenset[int]:
        """Return the instruction indices of some blocks."""
        return frozenset(index for block in blocks for index in range(self.starts[block], self.ends[block]))

    def reached(self) -> list[int]:
        """Return the blocks that the function's start leads to, in reverse postorder."""
        postorder: list[int] = []
        seen = {0}
        stack = [(0, iter(self.successors[0]))] if self.starts else []
        while stack:
            block, rest = stack[-1]
            unseen = next((target for target in rest if target not in seen), None)
            if unseen is None:
                postorder.append(block)
                stack.pop()
            else:
                seen.add(unseen)
                stack.append((unseen, iter(self.successors[unseen])))
        return postorder[::-1]


def falls_through(instruction: Instruction, no_return: Collection[int] = ()) -> bool:
    """Whether the next instruction may be executed after this one; not after a call of `no_return`."""
    if instruction.is_call:
        return instruction.target not in no_return
    return instruction.mnemonic.rsplit(" ", 1)[-1] not in ENDINGS


def read_flow(instructions: Sequence[Instruction], no_return: Collection[int] = ()) -> Flow:
    """Split a function into basic blocks.

    `no_return` are addresses of functions that never return: what follows a call of one is not reached
    from it. Targets of jump tables are unknown, so what is reached through those alone stays unreached.
    """
    at = {instruction.address: index for index, instruction in enumerate(instructions)}
    stops = [not falls_through(instruction, no_return) for instruction in instructions]
    leaders = {0} if instructions else set()
    for index, instruction in enumerate(instructions):
        if instruction.is_jump or stops[index]:
            leaders.add(index + 1)
        if instruction.is_jump and instruction.target in at:
            leaders.add(at[instruction.target])
    leaders.discard(len(instructions))
    starts = sorted(leaders)
    ends = [*starts[1:], len(instructions)][: len(starts)]
    number = {start: block for block, start in enumerate(starts)}
    successors: list[tuple[int, ...]] = []
    predecessors: list[list[int]] = [[] for _ in starts]
    for block, end in enumerate(ends):
        last = instructions[end - 1]
        following = set() if stops[end - 1] or block + 1 == len(starts) else {block + 1}
        if last.is_jump and last.target in at:
            following.add(number[at[last.target]])
        successors.append(tuple(sorted(following)))
        for target in following:
            predecessors[target].append(block)
    return Flow(tuple(starts), tuple(ends), tuple(successors), tuple(map(tuple, predecessors)))


def find_loops(flow: Flow) -> list[frozenset[int]]:
    """Return the natural loops of a function as sets of instruction indices, the smallest first."""
    return sorted((flow.instructions(body) for body in find_loop_blocks(flow)), key=len)


def find_loop_blocks(flow: Flow) -> list[frozenset[int]]:
    """Return the natural loops of a function as sets of block numbers.

    Loops that share a header are one. Irreducible loops, which structured code lacks, are not found.
    """
    order = flow.reached()
    reached = set(order)
    predecessors = [[p for p in before if p in reached] for before in flow.predecessors]
    dominator = _immediate_dominators(order, predecessors)
    bodies: dict[int, set[int]] = {}
    for block in order:
        for header in flow.successors[block]:
            if _dominates(header, block, dominator):
                bodies.setdefault(header, {header}).update(_reaching(block, header, predecessors))
    return [frozenset(body) for body in bodies.values()]


def find_rounds(flow: Flow, blocks: Collection[int]) -> list[frozenset[int]]:
    """Return the parts of some blocks that code can go round in: strongly connected, at least one edge.

    Tarjan: Depth-First Search and Linear Graph Algorithms (1972), without recursion. Unlike natural loops
    these need no header, and nested loops are one.
    """
    inside = set(blocks)
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    rounds = []
    for root in sorted(inside):
        if root in order:
            continue
        stack = [(root, iter(flow.successors[root]))]
        order[root] = lowest[root] = len(order)
        path.append(root)
        on_path.add(root)
        while stack:
            block, rest = stack[-1]
            following = next((f for f in rest if f in inside and (f not in order or f in on_path)), None)
            if following is None:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[block])
                if lowest[block] == order[block]:
                    at = path.index(block)
                    part = frozenset(path[at:])
                    del path[at:]
                    on_path -= part
                    if len(part) > 1 or block in flow.successors[block]:
                        rounds.append(part)
            elif following in order:
                lowest[block] = min(lowest[block], order[following])
            else:
                order[following] = lowest[following] = len(order)
                path.append(following)
                on_path.add(following)
                stack.append((following, iter(flow.successors[following])))
    return rounds


def _immediate_dominators(order: Sequence[int], predecessors: Sequence[Sequence[int]]) -> dict[int, int]:
    """Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001). The entry's is NOWHERE."""
    rank = {block: index for index, block in enumerate(order)}
    dominator: dict[int, int] = dict.fromkeys(order[:1], NOWHERE)
    changed = True
    while changed:
        changed = False
        for block in order[1:]:
            known = [previous for previous in predecessors[block] if previous in dominator]
            candidate = known[0]
            for other in known[1:]:
                candidate = _meet(candidate, other, dominator, rank)
            if dominator.get(block) != candidate:
                dominator[block] = candidate
                changed = True
    return dominator


def _meet(left: int, right: int, dominator: dict[int, int], rank: dict[int, int]) -> int:
    while left != right:
        if rank[left] > rank[right]:
            left = dominator[left]
        else:
            right = dominator[right]
    return left


def _dominates(above: int, block: int, dominator: dict[int, int]) -> bool:
    while block not in (above, NOWHERE):
        block = dominator[block]
    return block == above


def _reaching(block: int, header: int, predecessors: Sequence[Sequence[int]]) -> set[int]:
    """Blocks from which `block` is reached without passing `header`."""
    body, waiting = {header}, [block]
    while waiting:
        current = waiting.pop()
        if current not in body:
            body.add(current)
            waiting.extend(predecessors[current])
    return body
