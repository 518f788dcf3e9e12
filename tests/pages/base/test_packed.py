from __future__ import annotations

import base64
import zlib
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.base.packed import pack, pack_rising, unpack
from tests.pages.scripts import evaluate

if TYPE_CHECKING:
    import numpy.typing as npt

NUMBERS = st.lists(st.integers(0, 2**63 - 1))
EXACT = 2**53
"""Up to here a script's numbers, which are doubles, are exact."""
SEED = 20260101


def column(values: list[int]) -> npt.NDArray[np.int64]:
    return np.array(values, np.int64)


@given(NUMBERS)
def test_what_is_packed_unpacks(values: list[int]) -> None:
    assert unpack(pack(column(values))) == values


@given(st.lists(st.integers(0, 2**40)))
def test_rising_columns_hold_differences(values: list[int]) -> None:
    assert unpack(pack_rising(np.cumsum(column(values)))) == values


def test_the_format_is_dwarfs_unsigned_leb128() -> None:
    """The examples of DWARF 5, table 7.7."""
    encoded = zlib.decompress(base64.b64decode(pack(column([2, 127, 128, 129, 12857]))))
    assert encoded == bytes([2, 127, 0x80, 1, 0x81, 1, 0xB9, 0x64])


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        pack(column([1, -1]))


def columns() -> list[list[int]]:
    """Return columns of numbers of every length in bytes, with those at which a byte is added."""
    edges = [2**bits + step for bits in range(1, 53) for step in (-1, 0, 1)]
    chosen = np.random.default_rng(SEED)
    others = [
        (2 ** chosen.uniform(0, 53, chosen.integers(200))).astype(np.int64).tolist() for _ in range(200)
    ]
    return [[], [0], [EXACT - 1], edges, *others]


def test_the_script_unpacks_what_is_packed(node: str) -> None:
    values = columns()
    packed = {str(which): pack(column(one)) for which, one in enumerate(values)}
    read = "module.readColumns(given).then((columns) => Object.values(columns).map((one) => [...one]))"
    assert evaluate(node, "base/packed.js", read, packed) == values


def test_the_script_sums_rising_columns_up(node: str) -> None:
    values = [list(accumulate(number % 2**40 for number in one)) for one in columns()]
    packed = [pack_rising(column(one)) for one in values]
    read = "Promise.all(given.map(async (text) => [...module.summed(await module.readColumn(text))]))"
    assert evaluate(node, "base/packed.js", read, packed) == values
