from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.export import protobuf_wire as wire
from profiler.intake import pprof
from profiler.intake.intake_error import IntakeError
from profiler.trace.validate import check
from tests.intake.test_perf_text import chains

STRINGS = [
    "",
    "samples",
    "count",
    "cpu",
    "microseconds",
    "work",
    "main",
    "a.go",
    "/opt/lib.so",
    "ab12",
    "thread",
    "T1",
    "push",
]


def message(*pairs: tuple[int, int | bytes]) -> bytes:
    return b"".join(
        wire.integer(key, value) if isinstance(value, int) else wire.data(key, value) for key, value in pairs
    )


def profile(*, cpu: int = 3, values: tuple[int, ...] = (2, 5)) -> bytes:
    label = message((1, 10), (2, 11))
    parts: list[tuple[int, bytes]] = [
        (1, message((1, 1), (2, 2))),
        (1, message((1, cpu), (2, 4))),
        (2, wire.packed(1, [1, 2]) + wire.packed(2, values) + wire.data(3, label)),
        (2, message((1, 2), (2, values[0]), (2, values[1]))),  # numbers one by one: not packed
        (3, message((1, 1), (2, 0x1000), (3, 0x9000), (4, 0x200), (5, 8), (6, 9))),
        (4, message((1, 1), (2, 1), (3, 0x1010), (4, message((1, 3), (2, 9))), (4, message((1, 1), (2, 7))))),
        (4, message((1, 2), (3, 0x77), (4, message((1, 2))))),
        (5, message((1, 1), (2, 5), (4, 7))),
        (5, message((1, 2), (2, 6))),
        (5, message((1, 3), (2, 12))),
    ]
    return message(*parts) + b"".join(wire.text(6, text) for text in STRINGS)


def test_cpu_time_by_chain_with_inlined_functions_and_places_in_files() -> None:
    taken = pprof.take(profile())
    trace = taken.trace
    check(trace, {})
    assert chains(trace) == [["push /opt/lib.so", "work /opt/lib.so", "main ?"], ["main ?"]]
    assert (trace.events, trace.samples.weight.tolist(), taken.samples) == (("cpu",), [5_000, 5_000], 4)
    assert trace.frames.address.tolist() == [0x210, 0x210, 0x77]
    assert taken.build_ids == {"/opt/lib.so": "ab12"}
    assert list(trace.comms.values()) == ["T1", "all threads"]
    assert ("work", "a.go", 7) in [level for frame in range(3) for level in trace.levels(frame)]
    assert (taken.in_nanoseconds, taken.timed, taken.counted) == (True, False, False)


def test_without_cpu_time_samples_are_counted() -> None:
    taken = pprof.take(profile(cpu=12))
    assert (taken.trace.events, taken.trace.samples.weight.tolist()) == (("samples",), [2, 2])
    assert (taken.in_nanoseconds, taken.counted) == (False, True)


def test_negative_values_are_left_out_and_said() -> None:
    with pytest.raises(IntakeError, match="no sample in it"):
        pprof.take(profile(values=(2, (1 << 64) - 5)))


@given(st.integers(0, len(profile())), st.binary(max_size=4))
def test_damage_ends_as_an_error(at: int, content: bytes) -> None:
    whole = profile()
    with contextlib.suppress(IntakeError):
        check(pprof.take(whole[:at] + content + whole[at + len(content) :]).trace, {})


@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    with contextlib.suppress(IntakeError):
        check(pprof.take(content).trace, {})
