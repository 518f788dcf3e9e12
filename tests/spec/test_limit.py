from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.errors import UsageError
from profiler.spec.limit import Limit, make_limit


def test_without_options_there_is_no_limit() -> None:
    assert make_limit(None, period_ms=None, burst_ms=None) is None


def test_a_fraction_of_a_cpu_is_a_quota_in_each_period() -> None:
    limit = make_limit(0.1, period_ms=None, burst_ms=None)
    assert limit == Limit(cpus=0.1, period_us=100_000, burst_us=0)
    assert limit.quota_us == 10_000
    assert limit.label == "0.1cpu"


def test_the_label_says_what_is_not_the_default() -> None:
    limit = make_limit(1.5, period_ms=20, burst_ms=2.5)
    assert limit is not None
    assert limit.quota_us == 30_000
    assert limit.label == "1.5cpu+p20ms+b2.5ms"


@pytest.mark.parametrize(
    ("cpus", "period_ms", "burst_ms", "words"),
    [
        (0.0, None, None, "--cpu-limit 0: a number above 0, at most 1024"),
        (float("nan"), None, None, "--cpu-limit nan"),
        (float("inf"), None, None, "--cpu-limit inf"),
        (0.005, None, None, "0.5 ms in each 100 ms; the kernel takes 1 ms or more"),
        (0.1, 5, None, "0.5 ms in each 5 ms"),
        (1, 0.5, None, "--cpu-period 0.5"),
        (1, 1001, None, "--cpu-period 1001"),
        (1, float("nan"), None, "--cpu-period"),
        (1, None, float("inf"), "--cpu-burst"),
        (1, None, -1, "--cpu-burst -1"),
        (0.1, None, 11, "--cpu-burst 11 is more than the quota of 10 ms"),
        (None, 50, None, "--cpu-period 50 belongs to a limit"),
        (None, None, 5, "--cpu-burst 5 belongs to a limit"),
    ],
)
def test_what_the_kernel_would_refuse_is_refused(
    cpus: float | None, period_ms: float | None, burst_ms: float | None, words: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make_limit(cpus, period_ms=period_ms, burst_ms=burst_ms)
    assert words in caught.value.message


@given(
    st.floats(allow_nan=True, allow_infinity=True),
    st.one_of(st.none(), st.floats()),
    st.one_of(st.none(), st.floats()),
)
def test_any_numbers_make_a_limit_within_bounds_or_a_usage_error(
    cpus: float, period_ms: float | None, burst_ms: float | None
) -> None:
    try:
        limit = make_limit(cpus, period_ms=period_ms, burst_ms=burst_ms)
    except UsageError:
        return
    assert limit is not None
    assert 1_000 <= limit.period_us <= 1_000_000
    assert limit.quota_us >= 1_000
    assert 0 <= limit.burst_us <= limit.quota_us
