from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.attribution.predictions.models import (
    Model,
    bounded_spin,
    enough_wake_ups,
    no_spin,
    one_thread,
    wake_up_cpu_ns,
    wake_up_latency_ns,
)
from tests.attribution.predictions.made import MS, observed, request


def services(model: Model) -> list[list[float]]:
    assert model.courses is not None
    return [list(course.service_ns) for course in model.courses]


def test_one_thread_keeps_what_was_of_use() -> None:
    model = one_thread(observed())
    low, likely, high = (ns / MS for ns in model.cpu_ns)
    assert likely == pytest.approx(120), "the caller's 8 ms and the worker's 4, ten times"
    assert low < likely < high
    lows, middle, highs = services(model)
    assert middle == pytest.approx([(10 - 1.02 + 4 - 0.5) * MS] * 10)
    assert lows[0] < middle[0] < highs[0] - 0.5 * MS, "at worst it waits for a CPU as it did"


def test_what_perf_took_is_taken_off() -> None:
    plain, watched = one_thread(observed()), one_thread(observed(watched_ms=6))
    assert plain.cpu_ns[1] - watched.cpu_ns[1] == pytest.approx(6 * MS)
    assert plain.cpu_ns[2] == watched.cpu_ns[2], "it may be that it took nothing"
    assert services(plain)[1][0] - services(watched)[1][0] == pytest.approx(0.6 * MS)


def test_who_was_late_for_want_of_a_cpu_is_as_late_as_usual() -> None:
    requests = [request(at + late, at + 10, scheduled=at) for at, late in ((0, 1), (100, 1), (200, 8))]
    seen = dataclasses.replace(observed(), requests=tuple(requests))
    courses = one_thread(seen).courses
    assert courses is not None
    low, likely, high = (list(course.late_ns) for course in courses)
    assert low == likely == [1 * MS] * 3
    assert high == [1 * MS, 1 * MS, 8 * MS]


def test_time_without_a_cpu_stays_where_no_worker_polled() -> None:
    model = one_thread(observed(idle_ms=0, busy_ms=0))
    assert services(model)[1] == pytest.approx([(10 - 1.02 + 4) * MS] * 10)


def test_a_wake_up_costs_both_sides() -> None:
    assert wake_up_cpu_ns(observed()) == pytest.approx(0.04 * MS)
    assert wake_up_latency_ns(observed(), 95) == 50_000
    assert wake_up_cpu_ns(observed(wake_ups=4)) is None
    assert not enough_wake_ups(observed(wake_ups=4))
    pool = dataclasses.replace(observed().pools[0], futex_ns=0.0)
    unseen = dataclasses.replace(observed(), pools=(pool,), waking_ns=0.0)
    assert wake_up_cpu_ns(unseen) is None, "no sample met one"
    assert enough_wake_ups(unseen)
    assert wake_up_latency_ns(observed(wake_ups=0), 95) == 0


def test_a_bounded_spin_polls_for_so_long_after_each_request() -> None:
    seen = observed(wake_ups=0)
    likely = bounded_spin(seen, 1 * MS, 40_000).cpu_ns[1] / MS
    assert likely == pytest.approx(130 + 60 + 1000 / 50 + 10 * 0.04), "ten new wake-ups"
    woken = bounded_spin(observed(), 1 * MS, 40_000).cpu_ns[1] / MS
    assert bounded_spin(seen, 1 * MS, 40_000).courses is None
    assert woken == pytest.approx(130.4 + 60 + 1000 / 50), "those that were recorded are not counted twice"


def test_pauses_that_take_a_millisecond_together_may_be_polled_for_longer() -> None:
    exact, longer = (dataclasses.replace(observed(wake_ups=0), pause_share=share) for share in (1.0, 0.5))
    lows, highs = bounded_spin(exact, MS, 40_000).cpu_ns, bounded_spin(longer, MS, 40_000).cpu_ns
    assert highs[1] - lows[1] == pytest.approx(10 * MS), "half of a further millisecond after each"
    assert highs[0] == lows[0]


def test_no_spin_lies_between_one_wake_up_a_request_and_as_much_as_polling_took() -> None:
    model = no_spin(observed(wake_ups=0), 40_000)
    low, likely, high = (ns / MS for ns in model.cpu_ns)
    assert "how many" in model.between
    assert low < 130.4 < likely < high
    assert high > 130.4 + 60 * 0.9
    assert likely == pytest.approx(130.4 + 60 * 0.9 / 2), "the middle of both"
    lows, middle, highs = services(model)
    alone = services(one_thread(observed(wake_ups=0)))
    assert lows == pytest.approx([9.5 * MS] * 10)
    assert middle == pytest.approx([(9.5 * MS + alone[1][0]) / 2] * 10)
    assert min(highs) >= alone[2][0]


def test_pools_that_do_not_poll_cost_the_same_without_spinning() -> None:
    seen = observed(idle_ms=0, busy_ms=0)
    for model in (no_spin(seen, 40_000), bounded_spin(seen, 1 * MS, 40_000)):
        assert model.cpu_ns[1] == pytest.approx(seen.total_ns, rel=0.02)
        assert model.cpu_ns[0] <= seen.total_ns <= model.cpu_ns[2]


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0, 1000), st.floats(0, 100))
def test_less_spinning_never_costs_more(one_ms: int, other_ms: int, idle_ms: float, busy_ms: float) -> None:
    seen = observed(idle_ms=idle_ms, busy_ms=busy_ms)
    shorter, longer = (bounded_spin(seen, bound * MS, 0.0).cpu_ns[1] for bound in sorted((one_ms, other_ms)))
    assert shorter <= longer * (1 + 1e-9)
    assert longer <= seen.total_ns * (1 + 1e-9)
    assert one_thread(seen).cpu_ns[1] <= shorter * (1 + 1e-9)


@given(st.floats(0, 1000), st.floats(0, 100), st.integers(5, 30))
def test_a_spin_as_long_as_what_was_recorded_changes_nothing(
    idle_ms: float, busy_ms: float, wake_ups: int
) -> None:
    seen = observed(idle_ms=idle_ms, busy_ms=busy_ms, wake_ups=wake_ups)
    model = bounded_spin(seen, 100 * MS, wake_up_cpu_ns(seen) or 0.0)
    assert model.cpu_ns[1] == pytest.approx(seen.total_ns)


def test_a_pool_beside_that_blocks_already_keeps_its_cost() -> None:
    seen = observed(wake_ups=0)
    blocking = dataclasses.replace(seen.pools[0], idle_ns=0.0, busy_ns=0.0)
    both = dataclasses.replace(seen, pools=(*seen.pools, blocking))
    assert bounded_spin(both, MS, 40_000).cpu_ns == bounded_spin(seen, MS, 40_000).cpu_ns
