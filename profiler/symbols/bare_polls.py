"""Loops that poll without a pause: loads and compares alone, with a jump back.

Nothing in the code's bytes gives them away, and a library has hundreds of thousands of short jumps back. So
they are looked for where samples were taken: short loops around a sampled address, first by their bytes, then
by their instructions one after the other, and what is left by `profiler.symbols.poll_rule`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.callees import Callees
from profiler.symbols.disassemble import one_by_one
from profiler.symbols.effects import effect
from profiler.symbols.elf import NOWHERE
from profiler.symbols.looking import is_simple, stack_registers
from profiler.symbols.noreturn import NoReturn
from profiler.symbols.polling import judge, merged
from profiler.symbols.short_loops import short_loops

if TYPE_CHECKING:
    from profiler.arrays import Int64s
    from profiler.symbols.image import Image
    from profiler.symbols.polling import Polling, PollingVerdict
    from profiler.symbols.verdict_cache import VerdictCache

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
    sampled = np.unique(addresses[owner != NOWHERE])
    for index, loops in sorted(short_loops(image, sampled).items()):
        if image.functions.size(index) <= MOST_BYTES and any(_is_simple(image, *loop) for loop in loops):
            verdict = verdicts.of(index, verdict_on)
            if verdict.polls:
                found[index] = verdict
    return merged(polling, found) if found else polling


def _is_simple(image: Image, start: int, end: int) -> bool:
    """Whether there are none but simple instructions, and one that reads."""
    stack = stack_registers(())
    reads = False
    for instruction in one_by_one(image.elf, start, end):
        if not is_simple(instruction, stack):
            return False
        reads = reads or bool(effect(instruction).read)
    return reads
