from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.pages.base.packed import pack, pack_rising, unpack

NUMBERS = st.lists(st.integers(0, 2**63 - 1))


@given(NUMBERS)
def test_what_is_packed_unpacks(values: list[int]) -> None:
    assert unpack(pack(np.array(values, np.int64))) == values


@given(st.lists(st.integers(0, 2**40)))
def test_rising_columns_hold_differences(values: list[int]) -> None:
    rising = np.cumsum(np.array(values, np.int64))
    assert unpack(pack_rising(rising)) == values


def test_the_format_is_dwarfs_unsigned_leb128() -> None:
    """The examples of DWARF 5, table 7.7."""
    encoded = zlib.decompress(base64.b64decode(pack(np.array([2, 127, 128, 129, 12857]))))
    assert encoded == bytes([2, 127, 0x80, 1, 0x81, 1, 0xB9, 0x64])


def test_negative_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        pack(np.array([1, -1]))
