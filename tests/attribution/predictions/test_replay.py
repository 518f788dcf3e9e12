from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.predictions.replay import (
    Course,
    as_recorded,
    closed_latencies_ns,
    latencies_ns,
    rank_interval,
)
from tests.attribution.predictions.made import MS, request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.predictions.observed import RequestSeen


def replayed(requests: Sequence[RequestSeen], service_ns: Sequence[float]) -> list[float]:
    """Return the latencies of requests that are as late as they were, and take so long."""
    return latencies_ns(requests, Course(as_recorded(requests).late_ns, service_ns))


def test_a_request_that_waited_for_the_one_before_waits_longer_when_that_takes_longer() -> None:
    requests = [request(0, 10), request(10, 20, scheduled=5), request(50, 60)]
    assert replayed(requests, [12 * MS, 12 * MS, 12 * MS]) == [12 * MS, 19 * MS, 12 * MS]
    assert replayed(requests, [4 * MS, 10 * MS, 10 * MS]) == [4 * MS, 10 * MS, 10 * MS]


def test_one_that_was_late_for_another_reason_still_is() -> None:
    requests = [request(2, 10, scheduled=0), request(13, 20, scheduled=5)]
    assert replayed(requests, [8 * MS, 7 * MS]) == [10 * MS, 15 * MS]
    assert replayed(requests, [1 * MS, 7 * MS]) == [3 * MS, 10 * MS], "3 ms late, as then"


def test_requests_that_overlap_do_not_wait_for_each_other() -> None:
    requests = [request(0, 10), request(5, 15)]
    assert replayed(requests, [20 * MS, 20 * MS]) == [20 * MS, 20 * MS]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20), st.integers(1, 50)), min_size=1))
def test_requests_that_take_as_long_as_they_did_have_the_latencies_that_they_had(
    gaps: list[tuple[int, int, int]],
) -> None:
    requests, scheduled, free = [], 0, 0
    for gap, late, service in gaps:
        scheduled += gap
        start = max(scheduled, free) + late
        free = start + service
        requests.append(request(start, free, scheduled=scheduled))
    course = as_recorded(requests)
    assert latencies_ns(requests, course) == [one.end_ns - one.scheduled_ns for one in requests]
    longer = replayed(requests, [service + MS for service in course.service_ns])
    assert all(new > one.end_ns - one.scheduled_ns for new, one in zip(longer, requests, strict=True))


def test_in_a_closed_loop_the_next_comes_when_one_is_served() -> None:
    requests = [request(0, 4), request(4, 8), request(9, 13, scheduled=8)]
    assert closed_latencies_ns(Course(as_recorded(requests).late_ns, [6 * MS] * 3)) == [
        6 * MS,
        6 * MS,
        7 * MS,
    ]


def test_rank_interval() -> None:
    assert rank_interval(50, 100) == (39, 59)
    assert rank_interval(95, 100) == (89, 99)
    assert rank_interval(95, 1000) == (935, 963)
    assert rank_interval(50, 2) == (0, 1)


@given(st.sampled_from([50, 95]), st.integers(1, 5000))
def test_a_percentiles_own_rank_lies_in_its_interval(which: int, count: int) -> None:
    low, high = rank_interval(which, count)
    assert 0 <= low <= -(-which * count // 100) - 1 <= high < count
