"""Builds traces of context switches and wake-ups from a few words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.cpu.attribute import Attribution
from profiler.attribution.rules.owners import Owner
from profiler.run.kinds import KINDS, Kind
from profiler.trace.model import WAIT_EVENTS, Switches, Trace, WaitEvents
from tests.attribution.made_frames import frame
from tests.attribution.made_trace import MS, make_trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from profiler.trace.model import Trace

SWITCH_IN, SWITCH_OUT, PREEMPTED = "in", "out", "preempted"


def away(tid: int, *spans: tuple[float, float], leaves: str = SWITCH_OUT) -> Iterator[tuple[float, int, str]]:
    """Yield the switches of a thread that is off the CPU for these spans, in ms."""
    for begin, end in spans:
        yield begin, tid, leaves
        yield end, tid, SWITCH_IN


def scheduled(
    switches: Iterable[tuple[float, int, str]],
    events: Iterable[tuple[float, int, str, int, int]] = (),
    samples: Sequence[tuple[int, int, int]] = (),
) -> Trace:
    """Return a trace of switches (ms, thread, kind) and wait events (ms, thread, event, argument, stack).

    Samples are those of `make_trace`, whose stacks and frames the trace has.
    """
    switches = sorted(switches)
    events = sorted(events)
    return dataclasses.replace(
        make_trace(list(samples)),
        switches=Switches(
            time_ns=column([round(time * MS) for time, _, _ in switches], np.int64),
            tid=column([tid for _, tid, _ in switches], np.int32),
            cpu=np.zeros(len(switches), np.int32),
            switched_in=column([what == SWITCH_IN for _, _, what in switches], np.bool_),
            preempted=column([what == PREEMPTED for _, _, what in switches], np.bool_),
        ),
        wait_events=WaitEvents(
            time_ns=column([round(event[0] * MS) for event in events], np.int64),
            tid=column([event[1] for event in events], np.int32),
            event=column([WAIT_EVENTS.index(event[2]) for event in events], np.int32),
            argument=column([event[3] for event in events], np.int64),
            stack=column([event[4] for event in events], np.int32),
        ),
    )


def column(values: list[Any], dtype: type[np.generic]) -> Any:
    return np.array(values, dtype)


def samples(rows: list[tuple[float, int, Kind]]) -> Attribution:
    count = len(rows)
    zeros = np.zeros(count, np.uint8)
    return Attribution(
        time_ns=np.array([round(time * MS) for time, _, _ in rows], np.int64),
        tid=np.array([tid for _, tid, _ in rows], np.int32),
        stack=np.zeros(count, np.int32),
        role=zeros,
        in_request=np.ones(count, np.bool_),
        kind=np.array([KINDS.index(kind) for _, _, kind in rows], np.uint8),
        evidence=zeros,
        cpu_ns=np.full(count, float(MS)),
        unsampled_ns={},
        tasks=frozenset(),
    )


FRAMES = [
    frame(Owner.KERNEL, "futex_do_wait"),
    frame(),
    frame(),
    frame(),
    frame(),
]  # as long as made_trace's

BLOCKS = 0
"""A stack of made_trace whose first frame is `FRAMES[0]`."""
