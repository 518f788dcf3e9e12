from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from profiler.study.compare.changes import (
    chain_changes,
    function_changes,
    may_be_chance,
    waiting_changes,
)
from profiler.study.compare.merged import MergedChain, MergedChains, merge_cpu
from profiler.study.compare.tables import cpu_by_kind
from tests.pages.support import CALLING_WORK, LOOP, PAUSE, SPINNING, THREAD, Made, spinning
from tests.study.compare.support import ROWS, made_pair

if TYPE_CHECKING:
    from profiler.study.compare.comparison import Comparison


def test_time_is_that_of_a_request_on_each_side() -> None:
    """As many samples fall to 5 requests on one side, and to 10 on the other."""
    before, after = spinning(requests=5), spinning(requests=10)
    after.samples = before.samples
    merged = merge_cpu(before.analysis(), after.analysis(), lambda function: function)
    assert merged is not None
    for row in merged.rows:
        assert row.ns[0] == pytest.approx(2 * row.ns[1])
    assert sum(row.ns[0] for row in merged.rows) == pytest.approx(72e6), "12 and 60 ms a request"
    assert merged.grain_ns == pytest.approx((1e6 / 5, 1e6 / 10))


def test_both_golden_sides_keep_all_their_cpu_time(comparison: Comparison) -> None:
    assert comparison.on_cpu is not None
    for which in (0, 1):
        by_kind: defaultdict[str, float] = defaultdict(float)
        for row in comparison.on_cpu.rows:
            by_kind[comparison.on_cpu.kinds[row.kind]] += row.ns[which] / 1e6
        for line in comparison.cpu:
            assert by_kind[line.key] == pytest.approx(line.ms[which], abs=0.3), "but for unsampled threads"


def test_functions_of_one_name_that_call_each_other_are_one() -> None:
    merged = merge_cpu(spinning().analysis(), spinning().analysis(), lambda _: ("all", "one"))
    assert merged is not None
    assert {row.path for row in merged.rows} == {(0,)}


@pytest.mark.parametrize("lacking", [Made(phases=("measure",)), Made(requests=[])])
def test_without_a_profile_or_requests_there_is_nothing_to_merge(lacking: Made) -> None:
    assert merge_cpu(spinning().analysis(), lacking.analysis(), lambda function: function) is None
    pair = made_pair(spinning(), lacking)
    assert cpu_by_kind(pair) == []


def test_what_is_gone_is_found_first() -> None:
    quiet = spinning(tail_ms=0)
    merged = merge_cpu(spinning().analysis(), quiet.analysis(), lambda function: function)
    assert merged is not None
    first, *rest = function_changes(merged)
    assert first.functions[0][0] == PAUSE[0]
    assert first.own_ms == pytest.approx((60.0, 0.0))
    assert first.kind == "spin-idle"
    assert not first.chance
    assert all(one.difference_ms == 0 for one in rest)
    (chain,) = [one for one in chain_changes(merged) if one.difference_ms]
    assert [name for name, _ in chain.functions] == [THREAD[0], LOOP[0], PAUSE[0]]
    assert len(SPINNING) == len(chain.functions) != len(CALLING_WORK)


@settings(deadline=None)
@given(ROWS)
def test_nothing_is_lost_and_the_largest_change_leads(rows: list[MergedChain]) -> None:
    merged = MergedChains([(f"f{i}", "l") for i in range(4)], ("a", "b"), rows, (1.0, 1.0))
    for changes in (function_changes(merged), chain_changes(merged)):
        for which in (0, 1):
            total = sum(row.ns[which] for row in rows) / 1e6
            assert sum(one.own_ms[which] for one in changes) == pytest.approx(total)
        sizes = [abs(one.difference_ms) for one in changes]
        assert sizes == sorted(sizes, reverse=True)
        for one in changes:
            assert all(total >= own - 1e-9 for own, total in zip(one.own_ms, one.total_ms, strict=True))
    inside = sum(row.ns[0] for row in rows if row.in_request) / 1e6
    assert sum(one.own_ms[0] for one in waiting_changes(merged)) == pytest.approx(inside)


def test_chance_is_two_standard_errors_of_counts() -> None:
    """100 and 121 samples: 21 apart, two standard errors are 2 * sqrt(221) = 29.7; 140 are beyond theirs."""
    assert may_be_chance((100.0, 121.0), (1.0, 1.0))
    assert not may_be_chance((100.0, 140.0), (1.0, 1.0))
    assert not may_be_chance((1.0, 1.1), (0.0, 0.0)), "exact"
