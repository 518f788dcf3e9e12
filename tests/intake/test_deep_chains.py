"""A recursion without end, as each format may hold it: the middle of a chain goes, and that is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from profiler.export import protobuf_wire as wire
from profiler.intake import collapsed, firefox, perf_text, pprof
from profiler.trace.model import MOST_FRAMES
from profiler.trace.trace_builder import CUT, INNER_FRAMES, OUTER_FRAMES
from profiler.trace.validate import check
from tests.intake.test_perf_text import chains

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.intake.taken import Taken

DEPTH = 3 * MOST_FRAMES
NAMES = [f"f{depth}" for depth in range(DEPTH)]
"""The thread's start first."""
KEPT = [*NAMES[:OUTER_FRAMES], CUT, *NAMES[-INNER_FRAMES:]]


def of_collapsed() -> Taken:
    return collapsed.take([f"{';'.join(NAMES)} 12\n".encode(), b"f0;f1 7\n"])


def of_perf() -> Taken:
    header = "a 1/1 [000] {}.000000: 1000000 cpu-clock: \n"
    deep = "".join(f"\t{1:x} {name} ([unknown])\n" for name in reversed(NAMES))
    text = f"{header.format(1)}{deep}\n{header.format(2)}\t2 f1 ([unknown])\n\t1 f0 ([unknown])\n\n"
    return perf_text.take(text.encode().splitlines(keepends=True))


def of_firefox() -> Taken:
    rows = range(DEPTH)
    tables = {
        "stackTable": {"frame": [*rows], "prefix": [None, *rows[:-1]]},
        "frameTable": {"func": [*rows], "address": [-1] * DEPTH},
        "funcTable": {"name": [*rows], "resource": [-1] * DEPTH},
        "stringArray": NAMES,
    }
    thread = {"name": "a", "tid": 1, "samples": {"stack": [DEPTH - 1, 1], "time": [1.0, 2.0]}}
    profile = {"meta": {"preprocessedProfileVersion": 61}, "threads": [thread], "shared": tables}
    return firefox.take(json.dumps(profile).encode())


def of_pprof() -> Taken:
    """One location of many inlined functions: its lines are the chain, the innermost first."""

    def message(*pairs: tuple[int, int]) -> bytes:
        return b"".join(wire.integer(key, value) for key, value in pairs)

    lines = b"".join(wire.data(4, message((1, 1 + depth))) for depth in reversed(range(DEPTH)))
    short = b"".join(wire.data(4, message((1, 1 + depth))) for depth in (1, 0))
    functions = b"".join(wire.data(5, message((1, 1 + depth), (2, 2 + depth))) for depth in range(DEPTH))
    return pprof.take(
        wire.data(1, message((1, 1)))
        + wire.data(2, wire.packed(1, [1]) + wire.packed(2, [12]))
        + wire.data(2, wire.packed(1, [2]) + wire.packed(2, [7]))
        + wire.data(4, message((1, 1)) + lines)
        + wire.data(4, message((1, 2)) + short)
        + functions
        + b"".join(wire.text(6, text) for text in ("", "samples", *NAMES))
    )


@pytest.mark.parametrize("take", [of_collapsed, of_perf, of_firefox, of_pprof])
def test_the_middle_is_left_out_and_counted(take: Callable[[], Taken]) -> None:
    taken = take()
    check(taken.trace, {})
    deep, short = ([frame.partition(" ?")[0] for frame in chain[::-1]] for chain in chains(taken.trace))
    assert deep == KEPT
    assert short == NAMES[:2]
    assert taken.cut_samples == 1


def test_a_chain_that_fits_stays_whole() -> None:
    taken = collapsed.take([f"{';'.join(NAMES[:MOST_FRAMES])} 12\n".encode()])
    assert len(chains(taken.trace)[0]) == MOST_FRAMES
    assert taken.cut_samples == 0
