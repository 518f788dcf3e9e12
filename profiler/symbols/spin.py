"""Where a file waits by instruction: PAUSE, TPAUSE, UMWAIT, MWAITX; YIELD, ISB, WFE, WFET.

A byte scan over all code gives candidates; disassembly from the function's start keeps those that are
instructions. On x86-64 the rest lies inside other instructions' bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import encodings as enc
from profiler.symbols.disassemble import decode, is_spin
from profiler.symbols.elf import NOWHERE

if TYPE_CHECKING:
    from profiler.arrays import Bytes, Int32s, Int64s
    from profiler.symbols.elf import ElfFile
    from profiler.symbols.image import Image


LONGEST_PATTERN = 4
"""Bytes that a scan looks at together."""


@dataclass(frozen=True, slots=True)
class SpinInstructions:
    """Confirmed spin instructions in order of address. The columns have the same length."""

    address: Int64s
    """Virtual address."""
    function: Int32s
    """Index into the function table."""


def find_spin_instructions(image: Image) -> SpinInstructions:
    """Scan and confirm. Code outside all function bounds can't be confirmed and is left out."""
    elf, functions = image.elf, image.functions
    owner = functions.lookup(_candidates(elf))
    pauses: list[tuple[int, int]] = []
    for index in np.unique(owner[owner != NOWHERE]).tolist():
        start = int(functions.start[index])
        code = bytes(elf.memory_range(start, functions.size(index)))
        before = ""
        for address, _, mnemonic, _ in decode(elf, start, code):
            if is_spin(elf.machine, mnemonic, before):
                pauses.append((address, index))
            before = mnemonic
    rows = np.array(pauses, np.int64).reshape(-1, 2)
    return SpinInstructions(rows[:, 0], rows[:, 1].astype(np.int32))


def _candidates(elf: ElfFile) -> Int64s:
    """Virtual addresses in or shortly before which a spin instruction may begin."""
    scan = {"x86-64": _scan_x86, "aarch64": _scan_aarch64}.get(elf.machine)
    if scan is None:
        return np.zeros(0, np.int64)
    parts = [scan(code) + address for address, code in elf.code_chunks(LONGEST_PATTERN - 1)]
    return np.concatenate([*parts, np.zeros(0, np.int64)])


def _scan_x86(code: Bytes) -> Int64s:
    """Offsets of PAUSE, and of the bytes that TPAUSE, UMWAIT and MWAITX have after their prefixes."""
    first, second = code[:-1], code[1:]
    pauses = (first == enc.PAUSE[0]) & (second == enc.PAUSE[1])
    escapes = np.flatnonzero(code[:-2] == enc.ESCAPE)
    second, third = code[escapes + 1], code[escapes + 2]
    waits = (second == enc.GROUP_15) & (third >= enc.GROUP_15_WAIT[0]) & (third <= enc.GROUP_15_WAIT[1])
    waits |= (second == enc.MWAITX[0]) & (third == enc.MWAITX[1])
    return np.concatenate([np.flatnonzero(pauses), escapes[waits]])


def _scan_aarch64(code: Bytes) -> Int64s:
    words = code[: len(code) // enc.A64_SIZE * enc.A64_SIZE].view("<u4")
    pauses = np.zeros(len(words), np.bool_)
    for pattern in (enc.YIELD, enc.WFE, enc.WFET, enc.ISB):
        pauses |= pattern.matches(words)
    return np.flatnonzero(pauses) * enc.A64_SIZE
