"""What a recording made elsewhere says of time off the CPU: whether its context switches can be leant on."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from profiler.run.doubt import Doubt
from profiler.spec.waits import Waits
from profiler.trace.model import NONE, SWITCH_OUT, WAIT_EVENTS, WAKING, Switches, WaitEvents

if TYPE_CHECKING:
    from profiler.arrays import Column
    from profiler.trace.model import Trace

    Rows = TypeVar("Rows", Switches, WaitEvents)

MOST_MISSING = 0.1
"""Of the switches that must have been. A recording of tasks by `sched:sched_switch` misses half of them:
where a thread gets its CPU from another program, the switch is that program's."""
WHAT = "Time off the CPU"
HINT = "record with perf record --switch-events, or whole CPUs (-a) with -e sched:sched_switch -c 1"


@dataclass(frozen=True, slots=True)
class RecordedWaits:
    """The trace with the switches that can be used, and what they are."""

    trace: Trace
    waits: Waits
    """Never `auto`."""
    events: tuple[str, ...] = ()
    """Of `WAIT_EVENTS`, those that were recorded."""
    doubts: tuple[Doubt, ...] = ()


def recorded_waits(trace: Trace) -> RecordedWaits:
    """Return a trace with the switches and wait events of the threads that it has samples of.

    Others of a recording of whole CPUs are the machine's, and mostly sleep. Without switches, or with too
    few, it has none.
    """
    sampled = np.unique(trace.samples.tid)
    mine = np.isin(trace.switches.tid, sampled)
    switches = _rows(trace.switches, mine)
    missing = _missing(switches)
    if not switches.tid.size or missing > MOST_MISSING * (missing + switches.tid.size):
        why = (
            "the recording has no context switches"
            if not switches.tid.size
            else f"{missing:,} of {missing + switches.tid.size:,} context switches are not in the recording"
        )
        none = np.zeros(len(trace.switches.tid), np.bool_), np.zeros(len(trace.wait_events.tid), np.bool_)
        return RecordedWaits(_with(trace, *none), Waits.OFF, doubts=(Doubt(WHAT, why, HINT),))
    events = trace.wait_events
    whose = np.where(events.event == WAIT_EVENTS.index(WAKING), events.argument, events.tid)
    known = np.isin(whose, sampled)
    kinds = np.unique(events.event[known]).tolist()
    names = tuple(WAIT_EVENTS[kind] for kind in kinds)
    chains = (events.event == WAIT_EVENTS.index(SWITCH_OUT)) & known & (events.stack != NONE)
    traced = bool(chains.any()) or WAKING in names
    return RecordedWaits(_with(trace, mine, known), Waits.TRACE if traced else Waits.SWITCHES, names)


def _missing(switches: Switches) -> int:
    """Return how many switches must have been between those that are there: out follows in, and in out."""
    order = np.lexsort((switches.time_ns, switches.tid))
    tid, switched_in = switches.tid[order], switches.switched_in[order]
    return int(((tid[1:] == tid[:-1]) & (switched_in[1:] == switched_in[:-1])).sum())


def _with(trace: Trace, switches: Column, wait_events: Column) -> Trace:
    return dataclasses.replace(
        trace, switches=_rows(trace.switches, switches), wait_events=_rows(trace.wait_events, wait_events)
    )


def _rows(table: Rows, rows: Column) -> Rows:
    kind: type[Any] = type(table)
    chosen: Rows = kind(
        **{field.name: getattr(table, field.name)[rows] for field in dataclasses.fields(kind)}
    )
    return chosen
