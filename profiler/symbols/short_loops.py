"""Short loops around addresses, by the bytes of the jumps back that may close them.

All addresses of a library are looked around at once, as the rows of a matrix: function after function that
takes two to ten times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.symbols import encodings as enc
from profiler.symbols.elf import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from profiler.arrays import Bytes, Int64s
    from profiler.symbols.image import Image

    Jumps: TypeAlias = Iterator[tuple[Int64s, Int64s, Int64s]]
    """Row, the column behind the jump, and the distance from there to its target."""

LONGEST = 128
"""Bytes of the longest loop that is looked at: a poll without a pause has no more than a few conditions."""
REACH = LONGEST + 8
"""Bytes on either side of an address that such a loop, with its jump back, may have; a multiple of a word."""
AT_ONCE = 4096
"""Addresses: with what is made of them, some 30 MB."""


def short_loops(image: Image, addresses: Int64s) -> dict[int, set[tuple[int, int]]]:
    """Return (start, end) of everything that looks like a short loop around one of these virtual addresses.

    By the index of the function that it lies in; of addresses outside of functions there are none.
    """
    found: dict[int, set[tuple[int, int]]] = {}
    jumps = JUMPS.get(image.elf.machine)
    if jumps is None:
        return found
    unit, of_code = jumps
    owner = image.functions.lookup(addresses)
    owned = np.flatnonzero(owner != NOWHERE)
    for begin in range(0, owned.size, AT_ONCE):
        rows = owned[begin : begin + AT_ONCE]
        first, last = image.functions.start[owner[rows]], image.functions.end[owner[rows]]
        sampled = addresses[rows]
        middle = sampled - (sampled - first) % unit
        for row, column, distance in of_code(_around(image, middle, first, last)):
            end = middle[row] + column - REACH
            start = end + distance
            loops = (distance < 0) & (distance >= -LONGEST) & (start >= first[row]) & (end <= last[row])
            loops &= (start <= sampled[row]) & (sampled[row] < end)
            mine = (owner[rows][row[loops]], start[loops], end[loops])
            for index, loop_start, loop_end in zip(*(column.tolist() for column in mine), strict=True):
                found.setdefault(index, set()).add((loop_start, loop_end))
    return found


def _around(image: Image, middle: Int64s, first: Int64s, last: Int64s) -> Bytes:
    """Return a row for each address: the bytes up to REACH away, zero where they are not its function's."""
    places = middle[:, None] + np.arange(-REACH, REACH)
    begins = image.elf.to_offsets(first)
    offsets = places - first[:, None] + begins[:, None]
    inside = (places >= first[:, None]) & (places < last[:, None]) & (begins != NOWHERE)[:, None]
    inside &= offsets < image.elf.data.size
    return np.where(inside, image.elf.data[np.where(inside, offsets, 0)], np.uint8(0))


def _jumps_x86(code: Bytes) -> Jumps:
    """Yield Jcc and JMP, rel8, and Jcc rel32."""
    row, at = np.nonzero(((code[:, :-1] & 0xF0) == enc.JCC_REL8) | (code[:, :-1] == enc.JMP_REL8))
    yield row, at + enc.REL8_SIZE, code[row, at + 1].view(np.int8).astype(np.int64)
    escaped = code[:, : 1 - enc.JCC_REL32_SIZE] == enc.ESCAPE
    row, at = np.nonzero(escaped & ((code[:, 1 : 2 - enc.JCC_REL32_SIZE] & 0xF0) == enc.JCC_REL32))
    distance = code[row[:, None], at[:, None] + np.arange(2, enc.JCC_REL32_SIZE)].view("<i4").ravel()
    yield row, at + enc.JCC_REL32_SIZE, distance.astype(np.int64)


def _jumps_aarch64(code: Bytes) -> Jumps:
    """Yield B.cond, CBZ, CBNZ, TBZ, TBNZ and B."""
    words = code.view("<u4").astype(np.int64)
    for word, shift, bits in ((enc.B_COND, 5, 19), (enc.CBZ, 5, 19), (enc.TBZ, 5, 14), (enc.B, 0, 26)):
        row, at = np.nonzero(word.matches(words))
        distance = words[row, at] >> shift & ((1 << bits) - 1)
        distance -= (distance >> bits - 1) << bits
        yield row, (at + 1) * enc.A64_SIZE, (distance - 1) * enc.A64_SIZE


JUMPS = {"x86-64": (1, _jumps_x86), "aarch64": (enc.A64_SIZE, _jumps_aarch64)}
"""By machine: what instructions are aligned to, and what finds jumps in code."""
