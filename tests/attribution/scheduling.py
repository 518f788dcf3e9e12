"""Builds traces of context switches and wake-ups from a few words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.trace.model import WAIT_EVENTS, Switches, WaitEvents
from tests.attribution.test_attribute import MS, make_trace

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
