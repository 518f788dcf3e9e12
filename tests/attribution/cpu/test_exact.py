"""What perf's clock misses in context switches."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from profiler.attribution.cpu.attribute import attribute
from profiler.run.kinds import Kind
from profiler.run.phase_counters import PhaseCounters, Snapshot, ThreadCounters
from tests.attribution.made_frames import LIBC, kernel
from tests.attribution.made_trace import FRAMES as USER_FRAMES
from tests.attribution.made_trace import MS, POLLS, POOL, PROCESS, STACKS, make_trace

if TYPE_CHECKING:
    from profiler.trace.model import Trace

FUTEX_CALL = kernel("do_futex")
SWITCH = kernel("finish_task_switch.isra.0")
FRAMES = [*USER_FRAMES, SWITCH, FUTEX_CALL]
BLOCKS = len(STACKS)
"""A chain in the kernel's context switch, below it the futex call and libc."""


def trace_of(rows: list[tuple[int, int, int]], event: str = "cpu-clock") -> Trace:
    trace = make_trace(rows)
    flat = trace.stacks.frames
    chain = [FRAMES.index(SWITCH), FRAMES.index(FUTEX_CALL), FRAMES.index(LIBC)]
    stacks = dataclasses.replace(
        trace.stacks,
        frames=np.append(flat, chain).astype(np.int32),
        offsets=np.append(trace.stacks.offsets, len(flat) + len(chain)),
    )
    return dataclasses.replace(trace, events=(event,), stacks=stacks)


def counters_of(cpu_ns: int, switches: int) -> PhaseCounters:
    def snapshot(time_ns: int, factor: int) -> Snapshot:
        thread = ThreadCounters("python", cpu_ns * factor, 0, switches * factor, 0)
        return Snapshot(time_ns, cpu_ns * factor, {POOL: thread})

    return PhaseCounters(snapshot(0, 0), snapshot(100 * MS, 1))


def by_kind(trace: Trace, cpu_ns: int, switches: int) -> dict[Kind, float]:
    found = attribute(trace, FRAMES, PROCESS, counters_of(cpu_ns, switches), [], user_only=False)
    return {kind: ns / MS for kind, ns in found.cpu_ns_by_kind().items() if ns}


ROWS = [(10, POOL, POLLS), (20, POOL, BLOCKS), (30, POOL, POLLS)]


def test_what_samples_miss_belongs_to_the_context_switches() -> None:
    assert by_kind(trace_of(ROWS), 5 * MS, switches=200) == pytest.approx({Kind.SPIN_IDLE: 2, Kind.FUTEX: 3})


def test_switches_explain_no_more_than_they_can_take() -> None:
    """Fifty switches miss 1 ms at most; the other millisecond is everyone's."""
    assert by_kind(trace_of(ROWS), 5 * MS, switches=50) == pytest.approx(
        {Kind.SPIN_IDLE: 2 * 4 / 3, Kind.FUTEX: 4 / 3 + 1}
    )


def test_without_a_sample_in_a_switch_all_samples_share() -> None:
    assert by_kind(trace_of(ROWS[::2]), 4 * MS, switches=200) == pytest.approx({Kind.SPIN_IDLE: 4})


def came(trace: Trace, *times_ns: int) -> Trace:
    """Let the pool's thread be switched to."""
    columns = trace.switches
    count = len(times_ns)
    switches = dataclasses.replace(
        columns,
        time_ns=np.array(times_ns, np.int64),
        tid=np.full(count, POOL, np.int32),
        cpu=np.zeros(count, np.int32),
        switched_in=np.ones(count, np.bool_),
        preempted=np.zeros(count, np.bool_),
    )
    return dataclasses.replace(trace, switches=switches)


@pytest.mark.parametrize(
    ("since_ns", "switches", "futex"),
    [
        (10_000, 200, 0),  # due before the thread ran
        (10_000, 25, 0.5 * 2 / 2.5),  # of 25 switches half a millisecond may be, the rest is everyone's
        (25_000, 200, 2 / 3),
        (-1, 200, 2 / 3),
    ],
)
def test_what_samples_have_too_much_was_due_before_the_thread_came(
    since_ns: int, switches: int, futex: float
) -> None:
    trace = came(trace_of(ROWS), 20 * MS - since_ns)
    kinds = by_kind(trace, 2 * MS, switches)
    assert kinds.pop(Kind.FUTEX, 0) == pytest.approx(futex)
    assert kinds == pytest.approx({Kind.SPIN_IDLE: 2 - futex})


@pytest.mark.parametrize("cpu_us", [0, 1, 300, 999, 1_001, 2_500, 2_999])
@pytest.mark.parametrize("switches", [0, 1, 60, 10_000])
def test_no_sample_stands_for_less_than_nothing(cpu_us: int, switches: int) -> None:
    trace = came(trace_of(ROWS), 10 * MS - 10_000, 20 * MS - 10_000)
    kinds = by_kind(trace, cpu_us * 1000, switches)
    assert min(kinds.values(), default=0) >= 0
    assert sum(kinds.values()) == pytest.approx(cpu_us / 1000)


def test_without_switches_all_samples_have_too_much() -> None:
    assert by_kind(trace_of(ROWS), 2 * MS, 200) == pytest.approx({Kind.SPIN_IDLE: 4 / 3, Kind.FUTEX: 2 / 3})


def test_cycles_are_no_nanoseconds() -> None:
    assert by_kind(trace_of(ROWS, "cycles"), 6 * MS, switches=200) == pytest.approx(
        {Kind.SPIN_IDLE: 4, Kind.FUTEX: 2}
    )
