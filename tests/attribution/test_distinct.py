from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution import distinct
from profiler.attribution.distinct import distinct_by_stack
from profiler.trace.model import NONE

MOST = 7
ROWS = st.lists(st.tuples(st.integers(NONE, 40), st.integers(0, MOST - 1)))


@pytest.mark.parametrize("sparse", [0, 1000])
@given(rows=ROWS)
def test_pairs_are_those_that_sorting_finds(sparse: int, rows: list[tuple[int, int]]) -> None:
    table = np.array(rows, np.int64).reshape(-1, 2)
    expected, of_row = np.unique(table, axis=0, return_inverse=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(distinct, "SPARSE", sparse)
        stacks, codes, index = distinct_by_stack(table[:, 0].astype(np.int32), table[:, 1], MOST)
    assert np.stack([stacks, codes], axis=1).tolist() == expected.tolist()
    assert index.tolist() == of_row.reshape(-1).tolist()
