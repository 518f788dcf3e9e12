from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.workload.arrivals import gaps_ns

RATES = st.floats(1e-6, 1e6)


def first(count: int, arrivals: str, rate: float, seed: int = 0) -> list[int]:
    return list(itertools.islice(gaps_ns(arrivals, rate, seed), count))


@given(RATES, st.integers(2, 50))
def test_fixed_requests_come_at_once_and_then_every_period(rate: float, count: int) -> None:
    gaps = first(count, "fixed", rate)
    assert gaps[0] == 0
    assert len(set(gaps[1:])) == 1
    assert gaps[1] == pytest.approx(1e9 / rate, abs=0.5)
    assert gaps[1] >= 1, "or the schedule would never reach the end of its phase"


@given(RATES, st.integers())
def test_poisson_gaps_are_whole_and_not_negative(rate: float, seed: int) -> None:
    assert all(type(gap) is int and gap >= 0 for gap in first(20, "poisson", rate, seed))


@given(st.integers(0, 2**32))
def test_poisson_gaps_follow_from_the_seed(seed: int) -> None:
    gaps = first(20, "poisson", 10, seed)
    assert gaps == first(20, "poisson", 10, seed)
    assert gaps != first(20, "poisson", 10, seed + 1)


@given(st.integers(0, 2**32))
def test_the_rate_only_scales_poisson_gaps(seed: int) -> None:
    assert first(20, "poisson", 1, seed) == pytest.approx(
        [100 * gap for gap in first(20, "poisson", 100, seed)], abs=51
    )


def test_poisson_gaps_are_exponential() -> None:
    count, mean = 20_000, 1e9 / 50
    gaps = first(count, "poisson", 50)
    assert sum(gaps) / count == pytest.approx(mean, rel=0.03)
    # A share of exp(-x) is longer than x means.
    for means, share in ((0.5, 0.6065), (1, 0.3679), (3, 0.0498)):
        assert sum(gap > means * mean for gap in gaps) / count == pytest.approx(share, abs=0.012)
