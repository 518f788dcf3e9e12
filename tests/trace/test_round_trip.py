"""Any trace, printed as perf prints it, comes back."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from profiler.trace.model import NONE
from profiler.trace.parse_error import TraceFormatError
from tests.trace.parsed import parse

if TYPE_CHECKING:
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Frame:
    address: int
    symbol: bytes
    dso: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    comm: bytes
    pid: int
    tid: int
    cpu: int | None
    time_ns: int
    period: int
    event: bytes
    chain: tuple[Frame, ...]


def header(sample: Sample) -> bytes:
    """As perf_sample__fprintf_start in Linux 6.1 does."""
    cpu = b"" if sample.cpu is None else b"[%03d] " % sample.cpu
    seconds, nanoseconds = divmod(sample.time_ns, 10**9)
    return b"%s %5d/%-5d %s%5d.%09d: " % (sample.comm, sample.pid, sample.tid, cpu, seconds, nanoseconds)


def render(sample: Sample) -> bytes:
    """As that and sample__fprintf_callchain do."""
    chain = b"".join(b"\t%16x %s (%s)\n" % (frame.address, frame.symbol, frame.dso) for frame in sample.chain)
    return header(sample) + b"%10d %20s: \n" % (sample.period, sample.event) + chain + b"\n"


# A leading line break is the one thing about a comm that can't be told from the blank line before it.
NASTY = st.sampled_from(b"x 1/:.[]()\t\n\xff0a").map(lambda code: bytes([code]))
COMMS = (
    st.one_of(st.binary(max_size=15), st.lists(NASTY, max_size=15).map(b"".join))
    .map(lambda comm: comm.replace(b"\0", b"?").lstrip(b"\n"))
)  # fmt: skip
NAMES = st.one_of(
    st.binary(min_size=1, max_size=30),
    st.text("ab :<>(),&*[]'\"{}#~=.@1", min_size=1, max_size=40).map(str.encode),
)
# Line breaks can't be in a symbol, and " (/" never is in one that a compiler makes.
SYMBOLS = NAMES.filter(lambda name: b"\n" not in name and b" (/" not in name)
PATHS = st.text("ab ()[].-é", min_size=1, max_size=30).map(lambda name: b"/" + name.encode())
DSOS = st.one_of(
    PATHS.filter(lambda path: not path.endswith(b"]") or b" ([" not in path),
    PATHS.map(lambda path: path + b" (deleted)"),
    st.sampled_from(
        [b"[kernel.kallsyms]", b"[vdso]", b"//anon", b"[heap]", b"[unknown]", b"/tmp/perf-7.map"]
    ),
)
FRAMES = st.builds(Frame, st.integers(0, 2**64 - 1), SYMBOLS, DSOS)
IDS = st.integers(0, 4194304)
SAMPLES = st.builds(
    Sample,
    comm=COMMS,
    pid=IDS,
    tid=IDS,
    cpu=st.none() | st.integers(0, 8191),
    time_ns=st.integers(0, 10**18 - 1),
    period=st.integers(0, 10**18 - 1),
    event=st.sampled_from([b"cpu-clock", b"cpu-clock:u", b"sched:sched_switch"]),
    chain=st.lists(FRAMES, max_size=4).map(tuple),
)


def name(text: bytes) -> str | None:
    return None if text == b"[unknown]" else text.decode(errors="replace")


TIMES = st.lists(st.integers(0, 10**18 - 1), min_size=1, max_size=3)


@given(st.lists(st.tuples(SAMPLES, TIMES), max_size=4))
def test_round_trip(seen: list[tuple[Sample, list[int]]]) -> None:
    samples = [replace(sample, time_ns=time_ns) for sample, times in seen for time_ns in times]
    # A file's lines end at b"\n" alone, unlike those of bytes.splitlines.
    trace = parse(io.BytesIO(b"".join(map(render, samples))))
    samples = sorted(samples, key=lambda sample: sample.time_ns)
    columns = trace.samples
    assert columns.time_ns.tolist() == [sample.time_ns for sample in samples]
    assert columns.tid.tolist() == [sample.tid for sample in samples]
    assert columns.cpu.tolist() == [NONE if sample.cpu is None else sample.cpu for sample in samples]
    assert columns.weight.tolist() == [sample.period for sample in samples]
    assert [trace.events[event] for event in columns.event] == [sample.event.decode() for sample in samples]
    for stack, sample in zip(columns.stack.tolist(), samples, strict=True):
        assert chain(trace, stack) == [
            (frame.address, name(frame.symbol), name(frame.dso)) for frame in sample.chain
        ]
    assert trace.frames.address.size == len({frame for sample in samples for frame in sample.chain})
    assert trace.stacks.offsets.size - 1 == len({sample.chain for sample in samples if sample.chain})


@given(st.lists(SAMPLES, min_size=1, max_size=4, unique_by=lambda sample: sample.tid))
def test_comms(samples: list[Sample]) -> None:
    trace = parse(io.BytesIO(b"".join(map(render, samples))))
    assert trace.comms == {sample.tid: sample.comm.decode(errors="replace") for sample in samples}


@given(st.lists(st.tuples(SAMPLES, TIMES, st.booleans(), st.booleans()), max_size=4))
def test_switches(seen: list[tuple[Sample, list[int], bool, bool]]) -> None:
    """Of the first one's process alone, whose switches may be told twice or more."""
    told = sorted(
        (
            (replace(sample, time_ns=time_ns), switched_in, preempted and not switched_in)
            for sample, times, switched_in, preempted in seen
            for time_ns in times
        ),
        key=lambda switch: switch[0].time_ns,
    )
    text = b"".join(
        header(sample)
        + (b"PERF_RECORD_SWITCH IN         \n" if into else b"PERF_RECORD_SWITCH OUT")
        + (b"" if into else b" preempt\n" if preempted else b"        \n")
        for sample, into, preempted in told
    )
    pids = {seen[0][0].pid} if seen else {0}
    trace = parse(io.BytesIO(text), pids)
    mine = [switch for switch in told if switch[0].pid in pids]
    columns = trace.switches
    assert columns.time_ns.tolist() == [sample.time_ns for sample, _, _ in mine]
    assert columns.tid.tolist() == [sample.tid for sample, _, _ in mine]
    assert columns.cpu.tolist() == [NONE if sample.cpu is None else sample.cpu for sample, _, _ in mine]
    assert columns.switched_in.tolist() == [into for _, into, _ in mine]
    assert columns.preempted.tolist() == [preempted for _, _, preempted in mine]
    assert trace.comms == {sample.tid: sample.comm.decode(errors="replace") for sample, _, _ in mine}


@given(st.binary(max_size=200))
def test_anything_is_read_or_refused(text: bytes) -> None:
    with contextlib.suppress(TraceFormatError):
        assert parse(io.BytesIO(text)).lost_samples >= 0


def chain(trace: Trace, stack: int) -> list[tuple[int, str | None, str | None]]:
    if stack == NONE:
        return []
    start, end = trace.stacks.offsets[stack : stack + 2].tolist()
    texts = (*trace.strings, None)  # NONE is -1: the last one
    return [
        (int(trace.frames.address[frame]), texts[trace.frames.symbol[frame]], texts[trace.frames.dso[frame]])
        for frame in trace.stacks.frames[start:end].tolist()
    ]
