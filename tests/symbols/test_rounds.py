"""Strongly connected parts of a function's flow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from profiler.symbols.loops import Flow, find_rounds


def flow_of(successors: list[tuple[int, ...]]) -> Flow:
    count = len(successors)
    before = tuple(tuple(p for p in range(count) if b in successors[p]) for b in range(count))
    return Flow(tuple(range(count)), tuple(range(1, count + 1)), tuple(successors), before)


@given(st.lists(st.lists(st.integers(0, 7), max_size=2, unique=True), min_size=8, max_size=8))
def test_rounds_are_what_reaches_itself(edges: list[list[int]]) -> None:
    flow = flow_of([tuple(sorted(out)) for out in edges])
    inside = set(range(1, 8))

    def reached(start: int) -> set[int]:
        found: set[int] = set()
        waiting = [b for b in flow.successors[start] if b in inside]
        while waiting:
            block = waiting.pop()
            if block not in found:
                found.add(block)
                waiting += [b for b in flow.successors[block] if b in inside]
        return found

    expected = {
        frozenset({b} | {other for other in reached(b) if b in reached(other)})
        for b in inside
        if b in reached(b)
    }
    assert set(find_rounds(flow, inside)) == expected
