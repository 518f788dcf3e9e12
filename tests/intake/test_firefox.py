from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.intake import firefox
from profiler.intake.intake_error import IntakeError
from profiler.trace.validate import check
from tests.intake.test_perf_text import chains

STRINGS = ["main", "work", "0x1f", "a.cpp"]
FUNCS = {"name": [0, 1, 2], "resource": [-1, 0, 0], "fileName": [None, 3, None]}
FRAMES = {"func": [0, 1, 2], "address": [-1, 16, 31], "inlineDepth": [0, 0, 0], "line": [None, 7, None]}
STACKS = {"frame": [0, 1, 2], "prefix": [None, 0, 1]}
SAMPLES = {"stack": [2, None, 1], "time": [1.0, 2.0, 3.5], "weightType": "samples"}
LIB = {"name": "libw.so", "path": "/opt/libw.so", "codeId": "AB12"}
LATE = {"frame": [0, 1, 2], "prefixOffset": [0, 1, 1]}


def tables(**changes: Any) -> dict[str, Any]:
    made = {"stackTable": STACKS, "frameTable": FRAMES, "funcTable": FUNCS, "resourceTable": {"lib": [0]}}
    return {**made, "stringArray": STRINGS, **changes}


def profile(version: int, samples: dict[str, Any] = SAMPLES, units: str = "ns", **changes: Any) -> bytes:
    thread: dict[str, Any] = {"name": "worker", "tid": 7, "samples": samples}
    made: dict[str, Any] = {"meta": {"preprocessedProfileVersion": version}, "threads": [thread]}
    made["meta"]["sampleUnits"] = {"threadCPUDelta": units}
    if version < 41:
        made["threads"] = [thread | tables(**changes) | {"libs": [LIB]}]
    else:
        made |= {"libs": [LIB], "shared": tables(**changes)}
    return json.dumps(made).encode()


LATEST = {
    "stackTable": LATE,
    "frameTable": FRAMES | {"lib": [-1, 0, 0]},
    "funcTable": {"name": [0, 1, 2], "resource": [-1, -1, -1], "source": [None, 0, None]},
    "resourceTable": {},
    "sources": {"filename": [3]},
}


@pytest.mark.parametrize(
    ("version", "changes"), [(24, {}), (61, {}), (66, {"stackTable": LATE}), (70, LATEST)]
)
def test_tables_of_every_version(version: int, changes: dict[str, Any]) -> None:
    taken = firefox.take(profile(version, **changes))
    trace = taken.trace
    check(trace, {})
    assert chains(trace) == [
        ["? /opt/libw.so", "work /opt/libw.so", "main ?"],
        ["work /opt/libw.so", "main ?"],
    ]
    assert (trace.samples.time_ns.tolist(), trace.comms) == ([1_000_000, 3_500_000], {7: "worker"})
    assert trace.events == ("samples",)
    assert [(left.what, left.count) for left in taken.left_out] == [
        ("samples of samples without a call chain", 1)
    ]
    assert ("work", "a.cpp", 7) in [level for frame in range(3) for level in trace.levels(frame)]
    assert version < 41 or taken.build_ids == {"/opt/libw.so": "ab12"}


def test_cpu_time_since_the_sample_before() -> None:
    samples = {"stack": [2, None, 1, 1], "timeDeltas": [1, 1, 1, 1], "threadCPUDelta": [5, 0, 7, None]}
    taken = firefox.take(profile(61, samples, "µs"))
    assert (taken.trace.samples.weight.tolist(), taken.in_nanoseconds) == ([5_000, 7_000], True)
    assert taken.trace.samples.time_ns.tolist() == [1_000_000, 3_000_000]


def test_traced_milliseconds() -> None:
    samples = {"stack": [2, 1], "weight": [1.5, 2], "weightType": "tracing-ms"}
    taken = firefox.take(profile(61, samples))
    assert (taken.trace.samples.weight.tolist(), taken.timed) == ([1_500_000, 2_000_000], False)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"meta":{"version":30},"threads":[]}', "not processed by Firefox Profiler yet"),
        (b'{"meta":{"preprocessedProfileVersion":61},"threads":[]}', "no sample in it"),
        (b'{"traceEvents":[]}', "missing required field"),
        (profile(61, stackTable={"frame": [0, 1, 2], "prefix": [2, 0, 1]}), "damaged"),
        (profile(66, stackTable={"frame": [0, 1, 2], "prefixOffset": [0, -1, 1]}), "damaged"),
        (profile(61, frameTable=FRAMES | {"func": [0, -1, 99]}), "damaged"),
        (profile(61, stringArray=[]), "damaged"),
        (profile(61, {"stack": [-1]}), "damaged"),
    ],
)
def test_what_is_none_or_damaged(content: bytes, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        firefox.take(content)


@given(st.integers(0, len(profile(61))), st.binary(max_size=3))
def test_damage_ends_as_an_error(at: int, content: bytes) -> None:
    whole = profile(61)
    with contextlib.suppress(IntakeError):
        check(firefox.take(whole[:at] + content + whole[at + len(content) :]).trace, {})
