"""Loops that poll without a pause: loads and compares alone, with a jump back.

Nothing in the code's bytes gives them away, and a library has hundreds of thousands of short jumps back. So
they are looked for where samples were taken: short loops around a sampled address, first by their bytes, then
by their instructions one after the other, and what is left by `profiler.symbols.poll_rule`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import encodings as enc
from profiler.symbols.callees import Callees
from profiler.symbols.disassemble import one_by_one
from profiler.symbols.effects import effect
from profiler.symbols.elf import NOWHERE
from profiler.symbols.looking import is_simple, stack_registers
from profiler.symbols.noreturn import NoReturn
from profiler.symbols.polling import judge, merged
from profiler.symbols.unwind_table import gather

if TYPE_CHECKING:
    from profiler.arrays import Bytes, Int64s
    from profiler.symbols.image import Image
    from profiler.symbols.polling import Polling, PollingVerdict
    from profiler.symbols.verdict_cache import VerdictCache

LONGEST = 128
"""Bytes of the longest loop that is looked at: a poll without a pause has no more than a few conditions."""
MOST_BYTES = 65536
"""Larger functions (interpreters' main loops) are not disassembled for a loop in them."""


def add_bare_polls(image: Image, polling: Polling, addresses: Int64s, verdicts: VerdictCache) -> Polling:
    """Return `polling` with the functions that poll without a pause around any of these virtual addresses.

    `verdicts` has those on functions that were looked at before, and gets the others.
    """
    owner = image.functions.lookup(addresses)
    owner = np.where(np.isin(owner, polling.functions), NOWHERE, owner)
    no_return = NoReturn(image)
    callees = Callees(image, no_return)

    def verdict_on(index: int) -> PollingVerdict:
        return judge(image, no_return, index, frozenset(), callees)

    found = {}
    for index in np.unique(owner[owner != NOWHERE]).tolist():
        if image.functions.size(index) <= MOST_BYTES and _may_poll(
            image, index, np.unique(addresses[owner == index])
        ):
            verdict = verdicts.of(index, verdict_on)
            if verdict.polls:
                found[index] = verdict
    return merged(polling, found) if found else polling


def _may_poll(image: Image, index: int, sampled: Int64s) -> bool:
    """Whether a short loop around a sampled address has none but simple instructions, and reads."""
    start = int(image.functions.start[index])
    code = image.elf.memory_range(start, image.functions.size(index))
    jumps = JUMPS_BACK.get(image.elf.machine)
    if jumps is None:
        return False
    for target, end in jumps(code):
        around = sampled[(sampled >= start + target) & (sampled < start + end)]
        if len(around) and _is_simple(image, start + target, start + end):
            return True
    return False


def _is_simple(image: Image, start: int, end: int) -> bool:
    stack = stack_registers(())
    reads = False
    for instruction in one_by_one(image.elf, start, end):
        if not is_simple(instruction, stack):
            return False
        reads = reads or bool(effect(instruction).read)
    return reads


def _jumps_x86(code: Bytes) -> list[tuple[int, int]]:
    """(target, end) of everything that looks like a short jump back: Jcc and JMP, rel8 and rel32."""
    pairs = []
    if len(code) > 1:
        at = np.flatnonzero(((code[:-1] & 0xF0) == enc.JCC_REL8) | (code[:-1] == enc.JMP_REL8))
        pairs.append((at + 2, code[at + 1].view("i1").astype(np.int64)))
    if len(code) >= enc.JCC_REL32_SIZE:
        at = np.flatnonzero(
            (code[: 1 - enc.JCC_REL32_SIZE] == enc.ESCAPE)
            & ((code[1 : 2 - enc.JCC_REL32_SIZE] & 0xF0) == enc.JCC_REL32)
        )
        pairs.append((at + enc.JCC_REL32_SIZE, gather(code, at + 2, "<i4").astype(np.int64)))
    return _short(pairs)


def _jumps_aarch64(code: Bytes) -> list[tuple[int, int]]:
    """(target, end) of B.cond, CBZ, CBNZ and B that jump back a little."""
    words = code[: len(code) // enc.A64_SIZE * enc.A64_SIZE].view("<u4").astype(np.int64)
    pairs = []
    for word, shift, bits in ((enc.B_COND, 5, 19), (enc.CBZ, 5, 19), (enc.TBZ, 5, 14), (enc.B, 0, 26)):
        at = np.flatnonzero(word.matches(words))
        distance = words[at] >> shift & ((1 << bits) - 1)
        distance -= (distance >> bits - 1) << bits
        pairs.append(((at + 1) * enc.A64_SIZE, (distance - 1) * enc.A64_SIZE))
    return _short(pairs)


def _short(pairs: list[tuple[Int64s, Int64s]]) -> list[tuple[int, int]]:
    found = []
    for end, distance in pairs:
        back = (distance < 0) & (distance >= -LONGEST) & (end + distance >= 0)
        found += list(zip((end + distance)[back].tolist(), end[back].tolist(), strict=True))
    return found


JUMPS_BACK = {"x86-64": _jumps_x86, "aarch64": _jumps_aarch64}
