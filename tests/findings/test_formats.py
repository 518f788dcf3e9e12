from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.findings import formats
from profiler.findings.typography import keep_units_together


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1180.4, "1,180"), (12.34, "12.3"), (1.234, "1.23"), (0.1234, "0.123"), (0.0004, "< 0.001")],
)
def test_numbers_have_three_digits(value: float, shown: str) -> None:
    assert formats.number(value) == shown


@given(st.floats(min_value=1e-3, max_value=1e9))
def test_a_number_is_shown_to_within_half_a_percent(value: float) -> None:
    assert float(formats.number(value).replace(",", "")) == pytest.approx(value, rel=0.0051, abs=0.0005)


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0 %"), (0.0004, "< 0.1 %"), (0.0123, "1.2 %"), (0.0996, "10 %"), (0.62, "62 %"), (1, "100 %")],
)
def test_shares_are_percent(share: float, shown: str) -> None:
    assert formats.percent(share) == shown


def test_what_is_no_number_is_a_dash() -> None:
    assert formats.number(math.nan) == formats.NOTHING
    assert formats.ms(None) == formats.NOTHING


def test_changes_have_a_sign() -> None:
    assert formats.signed_percent(0.016) == "+1.6 %"
    assert formats.signed_percent(-0.25) == "\N{MINUS SIGN}25 %"


def test_counts_agree_with_their_noun() -> None:
    assert formats.count(1, "request") == "1 request"
    assert formats.count(1180, "request") == "1,180 requests"


def test_sizes_are_binary() -> None:
    assert [formats.size(n) for n in (512, 8192, 25 << 30)] == ["512 bytes", "8.00 KiB", "25.0 GiB"]


def test_a_unit_stays_with_its_number() -> None:
    assert (
        keep_units_together("in 3 ms, < 0.1 % of 2 things") == "in 3\u00a0ms, <\u00a00.1\u00a0% of 2 things"
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/build/src/ort/core/platform/threadpool.cc", "…/ort/core/platform/threadpool.cc"),
        ("/usr/include/c++/atomic", "/usr/include/c++/atomic"),
        ("nptl/futex.c", "nptl/futex.c"),
        ("", ""),
    ],
)
def test_the_end_of_a_long_path(path: str, expected: str) -> None:
    assert formats.short_path(path) == expected
