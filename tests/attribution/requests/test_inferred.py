"""Requests from a thread's waits: what separates them, what does not, and what is none."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from profiler.attribution.requests.inferred import InferredRequests, infer_requests
from profiler.attribution.rules.names import Name
from profiler.run.request import RequestSource
from profiler.trace.model import NONE, SWITCH_OUT, WAKING
from tests.attribution.made_trace import CALLING, COMPUTES, FRAMES, LONE, LOST, MS, POLLS, POOL
from tests.attribution.scheduling import PREEMPTED, away, scheduled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.attribution.rules.chains import Frame

PID = 9
IDLE, IN_RUN, IN_APP = LOST, LONE, LOST
"""Stacks: nothing of the runtime is in the first, so that it waits for something to do."""
END = 200
Wait = tuple[float, float, int]
"""Begin and end in ms, and the stack."""


def inferred(
    waits: Sequence[Wait],
    samples: Sequence[tuple[int, int, int]] = (),
    *,
    more: Iterable[tuple[float, int, str]] = (),
    events: Iterable[tuple[float, int, str, int, int]] = (),
    tid: int = CALLING,
    frames: Sequence[Frame] = FRAMES,
) -> InferredRequests:
    trace = scheduled(
        [*away(tid, *((begin, end) for begin, end, _ in waits)), *more],
        [*((begin, tid, SWITCH_OUT, NONE, stack) for begin, _, stack in waits), *events],
        sorted(samples),
    )
    return infer_requests(
        trace,
        frames,
        callers={tid: PID},
        workers=[POOL],
        window_ns=(0, END * MS),
        cpu_ns={tid: 1},
        phase="profile",
    )


def spans(found: InferredRequests) -> list[tuple[float, float]]:
    return [(request.start_ns / MS, request.end_ns / MS) for request in found.requests]


def test_a_request_lies_between_two_waits() -> None:
    found = inferred([(0, 10, IDLE), (20, 50, IDLE), (65, 200, IDLE)], [(12, CALLING, COMPUTES)])
    assert spans(found) == [(10, 20), (50, 65)]  # the second follows the same wait, and is as long
    assert {(r.process, r.caller, r.source) for r in found.requests} == {
        (PID, CALLING, RequestSource.INFERRED)
    }
    assert (found.cut, found.untold) == ((), ())


def test_it_begins_when_its_thread_is_woken_for_it() -> None:
    found = inferred(
        [(0, 10, IDLE), (20, 200, IDLE)],
        [(12, CALLING, COMPUTES)],
        events=[(7, 77, WAKING, CALLING, NONE)],
    )
    assert spans(found) == [(7, 20)]


def test_waits_within_run_do_not_separate() -> None:
    found = inferred([(0, 10, IDLE), (12, 14, IN_RUN), (15, 17, IN_RUN), (20, 200, IDLE)])
    assert spans(found) == [(10, 20)]


def test_waiting_for_the_interpreters_lock_does_not_separate() -> None:
    """As a thread of a Python server does that was woken for a request while another thread runs."""
    held_up = dataclasses.replace(FRAMES[4], name=Name.INTERPRETER_LOCK)
    found = inferred(
        [(0, 10, IDLE), (11, 15, POLLS), (20, 200, IDLE)],
        [(18, CALLING, COMPUTES)],
        frames=[held_up, *FRAMES[4:], *FRAMES[2:]],
    )
    assert spans(found) == [(10, 20)]


def test_what_computes_much_shorter_is_no_request_however_long_others_have_the_cpu() -> None:
    waits = [(0, 10, IDLE), (20, 50, IDLE), (65, 200, IDLE)]
    crowded = [(51, CALLING, SWITCH_OUT, NONE, IDLE)]
    found = inferred(
        waits, [(12, CALLING, COMPUTES)], more=away(CALLING, (51, 64), leaves=PREEMPTED), events=crowded
    )
    assert spans(found) == [(10, 20)]


def test_being_preempted_does_not_separate() -> None:
    found = inferred(
        [(0, 10, IDLE), (20, 200, IDLE)],
        [(11, CALLING, COMPUTES)],
        more=away(CALLING, (13, 17), leaves=PREEMPTED),
        events=[(13, CALLING, SWITCH_OUT, NONE, IDLE)],
    )
    assert spans(found) == [(10, 20)]


def test_what_never_meets_the_runtime_is_no_request() -> None:
    found = inferred([(0, 10, IDLE), (20, 50, IDLE), (65, 200, IDLE)], [(12, CALLING, IN_APP)])
    assert found == InferredRequests((), (), ())


def test_waking_a_worker_is_meeting_the_runtime() -> None:
    waits = [(0, 10, IDLE), (20, 200, IDLE)]
    assert spans(inferred(waits, events=[(12, CALLING, WAKING, POOL, NONE)])) == [(10, 20)]
    assert spans(inferred(waits, events=[(12, CALLING, WAKING, 77, NONE)])) == []


def test_what_is_much_shorter_is_no_request() -> None:
    found = inferred(
        [(0, 10, IDLE), (20, 50, IDLE), (51, 80, IDLE), (85, 200, IDLE)], [(12, CALLING, COMPUTES)]
    )
    assert spans(found) == [(10, 20), (80, 85)]


@pytest.mark.parametrize(("elsewhere", "count"), [(1, 4), (8, 3)])
def test_what_was_sampled_elsewhere_all_the_time_is_no_request(elsewhere: int, count: int) -> None:
    """One sample of four is beside the runtime, so that one may be all there is, but not eight."""
    computing = [(start + ms, CALLING, COMPUTES) for start in (10, 30, 50) for ms in (1, 2, 3)]
    beside = [(70 + ms, CALLING, IN_APP) for ms in range(1, 1 + elsewhere)]
    waits = [(0, 10, IDLE), (20, 30, IDLE), (40, 50, IDLE), (60, 70, IDLE), (80, 200, IDLE)]
    found = inferred(waits, [*computing, *beside, (34, CALLING, IN_APP), (54, CALLING, IN_APP)])
    assert len(found.requests) == count


def test_what_the_recording_has_a_part_of_is_told_apart() -> None:
    found = inferred(
        [(10, 50, IDLE), (60, 100, IDLE)],
        [(5, CALLING, COMPUTES), (55, CALLING, COMPUTES), (150, CALLING, COMPUTES)],
    )
    assert spans(found) == [(50, 60)]
    assert [(r.start_ns / MS, r.end_ns / MS) for r in found.cut] == [(0, 10), (100, 200)]


def test_without_the_places_of_waits_nothing_is_told() -> None:
    found = inferred([(0, 10, NONE), (20, 200, NONE)], [(12, CALLING, COMPUTES)])
    assert found == InferredRequests((), (), (CALLING,))


def test_a_thread_that_never_waits_for_work_is_not_told_of() -> None:
    found = inferred([(12, 14, IN_RUN)], [(11, CALLING, COMPUTES)])
    assert found.untold == (CALLING,)
