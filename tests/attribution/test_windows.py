from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.windows import in_flight_ns
from profiler.spec.manifest import Request

SPANS = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)


@given(st.lists(SPANS, max_size=5), st.lists(SPANS, max_size=5))
def test_as_counting_instants_does(requests: list[list[int]], intervals: list[list[int]]) -> None:
    made = [Request("profile", start, start, end, 0) for start, end in requests]
    spans = np.array(intervals, np.int64).reshape(-1, 2)
    found = in_flight_ns(spans[:, 0], spans[:, 1], made)
    assert found.tolist() == [
        sum(any(start <= instant < end for start, end in requests) for instant in range(*interval))
        for interval in intervals
    ]
