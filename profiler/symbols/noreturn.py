"""Which small functions never return: they end in `abort`, a throw, or another such function.

A compiler puts unrelated code behind a call of one. Taking it as reached from there draws false paths, and
ONNX Runtime's worker loop stops looking like nested loops (seen with 1.15 to 1.20).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols.elf import NOWHERE
from profiler.symbols.loops import falls_through, read_flow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.symbols.disassemble import Instruction
    from profiler.symbols.image import Image

MAX_BYTES = 128
"""Functions that only throw or abort are short: 56 to 96 bytes in ONNX Runtime."""
MAX_DEPTH = 2
"""How far to follow such functions calling each other."""


class NoReturn:
    """Answers, and remembers its answers, for one file."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._known = dict.fromkeys(image.stubs.no_return, True)

    def among(self, instructions: Iterable[Instruction], depth: int = MAX_DEPTH) -> frozenset[int]:
        """Return the addresses that these instructions call and that never come back."""
        called = {i.target for i in instructions if i.is_call and i.target is not None}
        return frozenset(target for target in called if self._is(target, depth))

    def _is(self, address: int, depth: int) -> bool:
        if address not in self._known and depth > 0:
            self._known[address] = False  # a function that calls itself does not count as proof
            self._known[address] = self._never_returns(address, depth)
        return self._known.get(address, False)

    def _never_returns(self, address: int, depth: int) -> bool:
        functions = self._image.functions
        index = int(functions.starting_at(np.array([address]))[0])
        if index == NOWHERE or functions.size(index) > MAX_BYTES or self._image.stubs.name(address):
            return False
        code = self._image.disassemble(index)
        inside = {instruction.address for instruction in code}
        no_return = self.among(code, depth - 1)
        flow = read_flow(code, no_return)
        for block in flow.reached():
            last = code[flow.ends[block] - 1]
            leaves = last.mnemonic.endswith("ret") or last.mnemonic.startswith("reta")
            if last.is_jump and last.target not in inside:  # a tail call, or on to the function's cold part
                leaves |= last.target is None or not self._is(last.target, depth - 1)
            runs_off = block == len(flow.starts) - 1 and falls_through(last, no_return)
            if leaves or runs_off:
                return False
        return bool(code)
