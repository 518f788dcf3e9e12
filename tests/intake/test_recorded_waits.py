from __future__ import annotations

import pytest

from profiler.intake.recorded_waits import RecordedWaits, recorded_waits
from profiler.spec.waits import Waits
from profiler.trace.model import SWITCH_OUT, WAIT_EVENTS, WAKING
from profiler.trace.trace_builder import TraceBuilder

MINE, OTHER = 5, 6


def builder(*switched_in: bool) -> TraceBuilder:
    """Return a thread with a sample and switches, and another without a sample that switches once."""
    made = TraceBuilder()
    stack = made.stack([made.frame(1, "f", "/lib/f.so")])
    made.sample(time_ns=1, tid=MINE, cpu=0, event=made.event("cpu-clock"), weight=1, stack=stack)
    for number, each in enumerate(switched_in, 2):
        made.switch(time_ns=number, tid=MINE, cpu=0, switched_in=each, preempted=False)
    made.switch(time_ns=9, tid=OTHER, cpu=0, switched_in=True, preempted=False)
    return made


def test_switches_of_threads_that_were_sampled_are_taken() -> None:
    found = recorded_waits(builder(False, True, False).trace())
    assert (found.waits, found.events, found.doubts) == (Waits.SWITCHES, (), ())
    assert found.trace.switches.tid.tolist() == [MINE] * 3


@pytest.mark.parametrize(
    ("event", "tid", "argument", "waits"),
    [
        (SWITCH_OUT, MINE, -1, Waits.TRACE),
        (WAKING, OTHER, MINE, Waits.TRACE),
        (WAKING, MINE, OTHER, Waits.SWITCHES),
        (SWITCH_OUT, OTHER, -1, Waits.SWITCHES),
    ],
)
def test_chains_and_wake_ups_of_theirs_are_taken(event: str, tid: int, argument: int, waits: Waits) -> None:
    made = builder(False, True)
    made.wait_event(time_ns=2, tid=tid, event=WAIT_EVENTS.index(event), argument=argument, stack=0)
    found = recorded_waits(made.trace())
    assert found.waits is waits
    assert len(found.trace.wait_events.tid) == len(found.events) == (waits is Waits.TRACE)


@pytest.mark.parametrize(
    ("switched_in", "said"),
    [((), "no context switches"), ((False, False, True, True), "2 of 6 context switches are not in the")],
)
def test_without_switches_or_with_too_few_the_reason_is_said(
    switched_in: tuple[bool, ...], said: str
) -> None:
    found: RecordedWaits = recorded_waits(builder(*switched_in).trace())
    assert (found.waits, found.trace.switches.tid.size) == (Waits.OFF, 0)
    (doubt,) = found.doubts
    assert said in doubt.why
    assert "--switch-events" in (doubt.hint or "")
