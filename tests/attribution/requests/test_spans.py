from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.requests.spans import Spans, flight_spans
from profiler.run.request import Request

SPAN = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted)
SPANS = st.lists(SPAN, max_size=5)


def instants(spans: list[list[int]]) -> set[int]:
    return {instant for begin, end in spans for instant in range(begin, end)}


def made(spans: list[list[int]]) -> Spans:
    return Spans.of((begin, end) for begin, end in spans)


def covered(spans: Spans) -> set[int]:
    return instants([list(span) for span in zip(spans.begin_ns.tolist(), spans.end_ns.tolist(), strict=True)])


@given(SPANS, SPANS)
def test_overlaps_are_as_counting_instants(requests: list[list[int]], intervals: list[list[int]]) -> None:
    spans = flight_spans([Request("profile", start, start, end, 0) for start, end in requests])
    columns = np.array(intervals, np.int64).reshape(-1, 2)
    found = spans.overlap_ns(columns[:, 0], columns[:, 1])
    inside = instants(requests)
    assert found.tolist() == [len(inside & instants([interval])) for interval in intervals]


@given(SPANS, SPANS, SPAN)
def test_sets_of_instants(first: list[list[int]], second: list[list[int]], window: list[int]) -> None:
    spans, inside = made(first), instants(first)
    assert spans.contain(np.arange(61)).tolist() == [instant in inside for instant in range(61)]
    assert covered(spans.common(made(second))) == inside & instants(second)
    assert covered(spans.without(made(second))) == inside - instants(second)
    assert covered(spans.between(*window)) == instants([window]) - inside
    parts = list(spans.within(*window))
    assert instants([list(part) for part in parts]) == instants([window]) & inside
    assert all(begin < end for begin, end in parts)
