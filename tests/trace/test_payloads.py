"""Payloads of tracepoints come back, whatever a thread's name holds."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.trace.model import FUTEX_ENTER, NONE, SWITCH_OUT, WAIT_EVENTS, WAKING
from profiler.trace.parse_error import TraceFormatError
from profiler.trace.payloads import argument, sched_switch
from tests.trace.parsed import parse

NASTY = st.sampled_from(b"x 1/:.[]()\t\n\xff0a=").map(lambda code: bytes([code]))
COMMS = st.one_of(
    st.binary(max_size=15).map(lambda comm: comm.replace(b"\0", b"?")),
    st.lists(NASTY, max_size=15).map(b"".join),
    st.sampled_from([b" pid=7 prio=1 t", b"\n\n\n", b"a 1/2 3.4: 5\n", b"\n a 1/1 2.3: "]),
)
START = b"waker  4824/4829  [003]   659.000000009:          1 sched:sched_waking: "
FRAME = b"\t           152efb2 [unknown] (/opt/lib.so)\n"


def waking(comm: bytes, pid: int) -> bytes:
    """As `print fmt` of sched_waking in Linux 6.1."""
    return b"comm=%s pid=%d prio=120 target_cpu=001" % (comm, pid)


@given(st.lists(st.tuples(COMMS, st.integers(0, 4194304)), max_size=4))
def test_wake_ups_come_back(woken: list[tuple[bytes, int]]) -> None:
    text = b"".join(START + waking(comm, pid) + b"\n" + FRAME + b"\n" for comm, pid in woken)
    waits = parse(io.BytesIO(text)).wait_events
    assert waits.argument.tolist() == [pid for _, pid in woken]
    assert waits.tid.tolist() == [4829] * len(woken)
    assert waits.stack.tolist() == [0] * len(woken)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            b"prev_comm=a ==> b prev_pid=12 prev_prio=1 prev_state=S ==> next_comm=c next_pid=0 next_prio=2",
            (12, False, 0),
        ),
        (
            b"prev_comm=x prev_pid=0 prev_prio=120 prev_state=R+ ==> next_comm=y next_pid=7 next_prio=-1",
            (0, True, 7),
        ),
        (b"python:12 [120] R ==> rcu sched:13 [98]", (12, True, 13)),
        (b"swapper/1:0 [120] D ==> a:b:4 [120]", (0, False, 4)),
        (b"comm=x pid=7 prio=120 target_cpu=001", None),
        (b"", None),
    ],
)
def test_who_leaves_and_who_enters(payload: bytes, expected: tuple[int, bool, int] | None) -> None:
    assert sched_switch(payload) == expected


SWITCH = (
    b"one  5/5  [003]  6.000000001:  1 sched:sched_switch: prev_comm=one prev_pid=5 prev_prio=120 "
    b"prev_state=S ==> next_comm=two next_pid=6 next_prio=120\n"
)


def test_a_switch_of_others_is_one_out_and_one_in_and_a_chain() -> None:
    trace = parse(io.BytesIO(SWITCH + FRAME + b"\n"))
    switches, waits = trace.switches, trace.wait_events
    assert list(zip(switches.tid.tolist(), switches.switched_in.tolist(), strict=True)) == [
        (5, False),
        (6, True),
    ]
    assert (waits.tid.tolist(), waits.event.tolist(), waits.stack.tolist()) == (
        [5],
        [WAIT_EVENTS.index(SWITCH_OUT)],
        [0],
    )
    assert trace.samples.tid.size == 0


@given(COMMS)
def test_the_frame_behind_a_payload_is_left_out(comm: bytes) -> None:
    """As perf prints it for an event without chains, its comm padded."""
    start = b" " * 11 + START
    frame = b" ffffffff813aa9c4 try_to_wake_up ([kernel.kallsyms])\n"
    trace = parse(io.BytesIO((start + waking(comm, 12) + frame) * 2))
    assert trace.wait_events.argument.tolist() == [12, 12]
    assert trace.frames.address.size == 0


@given(st.binary(max_size=200))
def test_anything_after_a_waking_is_read_or_refused(text: bytes) -> None:
    try:
        waits = parse(io.BytesIO(START + text)).wait_events
    except TraceFormatError:
        return
    assert waits.time_ns.size >= 1


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        (WAKING, waking(b"python", 12), 12),
        (WAKING, b"comm=a pid=12 prio=120 success=1 target_cpu=001", 12),
        (WAKING, b"something else", NONE),
        (FUTEX_ENTER, b"uaddr: 0x5589664b5108, op: 0x00000189, val: 0x00000000, utime: 0x00000000", 0x189),
        (FUTEX_ENTER, b"uaddr: 0x1, op: 0x81", 0x81),
        (FUTEX_ENTER, b"", NONE),
        (SWITCH_OUT, waking(b"python", 12), NONE),
    ],
)
def test_arguments(event: str, payload: bytes, expected: int) -> None:
    assert argument(event, payload) == expected


def test_a_futex_call_has_no_chain() -> None:
    line = (
        b"           nasty  4001/4001  [000]  4164.676942330:          1 syscalls:sys_enter_futex: "
        b"uaddr: 0x7fc0f8e1d990, op: 0x00000109, val: 0x00007719, utime: 0x00000000, uaddr2: 0x00000000, "
        b"val3: 0xffffffff     7fc0f8ea3f16 __futex_abstimed_wait_common (/usr/lib/libc.so.6)\n"
    )
    trace = parse(io.BytesIO(line + line))
    assert trace.wait_events.argument.tolist() == [0x109] * 2
    assert trace.frames.address.size == 0
    assert trace.comms == {4001: "nasty"}
