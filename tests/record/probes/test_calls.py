from __future__ import annotations

from profiler.record.probes.calls import Calls, Reached
from profiler.run.request import RequestSource

OUTER, INNER = 1, 2


def begins(time_ns: int, function: int = OUTER, tid: int = 7) -> Reached:
    return Reached(time_ns, 6, tid, function, returns=False)


def returns(time_ns: int, function: int = OUTER, tid: int = 7) -> Reached:
    return Reached(time_ns, 6, tid, function, returns=True)


def times(calls: Calls, *reached: Reached) -> list[tuple[int, int]]:
    return [(one.start_ns, one.end_ns) for one in calls.requests(reached, "profile")]


def test_a_call_is_a_request_of_its_thread() -> None:
    (request,) = Calls().requests([begins(10), returns(30)], "profile")
    assert (request.start_ns, request.scheduled_ns, request.end_ns) == (10, 10, 30)
    assert (request.process, request.caller, request.phase) == (6, 7, "profile")
    assert request.source is RequestSource.PROBES


def test_of_calls_within_each_other_the_outermost() -> None:
    assert times(Calls(), begins(10), begins(12, INNER), returns(18, INNER), returns(20)) == [(10, 20)]


def test_threads_call_side_by_side() -> None:
    side = [begins(10), begins(11, tid=8), returns(12), returns(13, tid=8)]
    assert times(Calls(), *side) == [(10, 12), (11, 13)]


def test_what_was_under_way_before_is_none_and_what_goes_on_comes_later() -> None:
    calls = Calls()
    assert times(calls, returns(5), begins(10)) == []
    assert times(calls, returns(20)) == [(10, 20)]


def test_what_an_exception_left_is_over() -> None:
    assert times(Calls(), begins(10), begins(30), returns(40)) == [(30, 40)]
    assert times(Calls(), begins(10), begins(12, INNER), returns(20), begins(30), returns(31)) == [
        (10, 20),
        (30, 31),
    ]
