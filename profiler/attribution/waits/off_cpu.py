"""When each thread was off the CPU, from context switches; where it waited and who woke it, where traced.

Pure. Between two switches a thread is either on a CPU or not, so these times are exact. They lean on every
record being there: where two switches in (or out) follow each other, the time between is a gap, in which the
thread may have been either.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE, SWITCH_OUT, WAIT_EVENTS, WAKING
from profiler.trace.rows import selected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from profiler.arrays import Column
    from profiler.trace.model import Switches, Trace, WaitEvents


@dataclass(frozen=True, slots=True)
class OffCpu:
    """One row an interval off the CPU, by thread and then by time. All columns have the same length."""

    tid: Column
    begin_ns: Column
    """When the thread left the CPU; the window's begin where it was off before."""
    end_ns: Column
    """When it got a CPU again; the window's end where it did not."""
    preempted: Column
    """It left the CPU although it was ready to run."""
    gap: Column
    """A switch record is missing: the thread may have been on a CPU or not."""
    ended: Column
    """It got a CPU again within the window."""
    cpu: Column
    """The processor that it got then; NONE where it did not, or that was not recorded."""
    woken_ns: Column
    """When it was woken; NONE where that was not seen."""
    waker: Column
    """The thread that woke it, or that an interrupt which did was interrupting; NONE likewise."""
    stack: Column
    """Where it left the CPU, index into the trace's stacks; NONE where that was not recorded."""

    def of(self, tid: int) -> OffCpu:
        """Return the rows of one thread."""
        return self.where(self.tid == tid)

    def where(self, rows: Column) -> OffCpu:
        """Return the rows that a mask or indices select."""
        return selected(self, rows)

    def ready_ns(self) -> Column:
        """Return since when, in each interval, the thread was ready to run; the interval's end if never.

        A preempted thread is from the beginning, one that was woken from then on.
        """
        woken = np.where(self.woken_ns != NONE, self.woken_ns, self.end_ns)
        return np.where(self.preempted, self.begin_ns, woken)


def off_cpu(trace: Trace, window_ns: tuple[int, int], cpu_ns: Mapping[int, int]) -> OffCpu:
    """Return the intervals of every thread that is known, clipped to a window (begin, end).

    `cpu_ns`: what the kernel counted for each thread in the window. It decides about threads without a
    single switch: on the CPU all the time, or never.
    """
    switches = trace.switches
    length = window_ns[1] - window_ns[0]
    parts = []
    for tid in sorted({*cpu_ns, *np.unique(switches.tid).tolist()}):
        mine = selected(switches, switches.tid == tid)
        if mine.time_ns.size:
            parts.append(_with_events(_alternate(tid, mine, window_ns), trace.wait_events))
        elif cpu_ns[tid] < length / 2:
            spans = np.array([window_ns], np.int64)
            no = np.zeros(1, np.bool_)
            parts.append(_rows(tid, spans, no, no, np.array([NONE])))
    if not parts:
        none = np.zeros(0, np.bool_)
        return _rows(0, np.zeros((0, 2), np.int64), none, none, np.zeros(0, np.int32))
    names = [field.name for field in dataclasses.fields(OffCpu)]
    return OffCpu(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _alternate(tid: int, switches: Switches, window_ns: tuple[int, int]) -> OffCpu:
    """Turn one thread's switches into its intervals."""
    begin_ns, end_ns = window_ns
    time_ns, switched_in = switches.time_ns, switches.switched_in
    # A thread whose first switch is into the CPU was off before; one whose last is out stays off.
    spans = np.stack([np.concatenate(([begin_ns], time_ns)), np.concatenate((time_ns, [end_ns]))], axis=1)
    spans = np.clip(spans, begin_ns, end_ns)
    out_before = np.concatenate((switched_in[:1], ~switched_in))
    in_after = np.concatenate((switched_in, ~switched_in[-1:]))
    by_force = np.concatenate(([False], switches.preempted & ~switched_in))
    gap = out_before != in_after
    rows = (out_before | gap) & (spans[:, 1] > spans[:, 0])
    cpu = np.append(np.where(switched_in, switches.cpu, NONE), NONE)
    ended = np.append(switched_in, np.False_) & (spans[:, 1] < end_ns)
    made = _rows(tid, spans[rows], by_force[rows] & ~gap[rows], gap[rows], cpu[rows])
    return dataclasses.replace(made, ended=ended[rows])


def _rows(tid: int, spans_ns: Column, preempted: Column, gap: Column, cpu: Column) -> OffCpu:
    nowhere = np.full(gap.shape, NONE, np.int64)
    return OffCpu(
        tid=np.full(gap.shape, tid, np.int32),
        begin_ns=spans_ns[:, 0],
        end_ns=spans_ns[:, 1],
        preempted=preempted,
        gap=gap,
        ended=np.zeros(gap.shape, np.bool_),
        cpu=cpu,
        woken_ns=nowhere,
        waker=nowhere,
        stack=nowhere,
    )


def _with_events(rows: OffCpu, events: WaitEvents) -> OffCpu:
    """Join one thread's intervals with the wait events that belong to them."""
    if not rows.tid.size or not events.time_ns.size:
        return rows
    tid = int(rows.tid[0])
    leaving = np.flatnonzero((events.event == WAIT_EVENTS.index(SWITCH_OUT)) & (events.tid == tid))
    waking = np.flatnonzero((events.event == WAIT_EVENTS.index(WAKING)) & (events.argument == tid))
    stack, woken_ns, waker = rows.stack.copy(), rows.woken_ns.copy(), rows.waker.copy()
    left_ns = rows.begin_ns.copy()
    if leaving.size:
        # The event comes a few microseconds before the switch record of the same switch.
        times = events.time_ns[leaving]
        last = np.searchsorted(times, rows.begin_ns, side="right") - 1
        earlier = np.concatenate(([np.iinfo(np.int64).min], rows.end_ns[:-1]))
        explained = (last >= 0) & (times[np.maximum(last, 0)] >= earlier) & ~rows.gap
        stack[explained] = events.stack[leaving[last[explained]]]
        left_ns[explained] = times[last[explained]]
    if waking.size:
        times = events.time_ns[waking]
        # A thread can be woken between the event and the record of its leaving: then it leaves all the same.
        first = np.searchsorted(times, left_ns, side="left")
        index = np.minimum(first, times.size - 1)
        explained = (first < times.size) & (times[index] <= rows.end_ns) & ~rows.preempted & ~rows.gap
        woken_ns[explained] = np.maximum(times[index[explained]], rows.begin_ns[explained])
        waker[explained] = events.tid[waking[index[explained]]]
    return dataclasses.replace(rows, stack=stack, woken_ns=woken_ns, waker=waker)
