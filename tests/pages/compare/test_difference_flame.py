from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.findings.function_names import LONGEST_NAME
from profiler.pages.base.packed import unpack
from profiler.pages.compare.difference_flame import DifferenceFlame, difference_flame
from profiler.pages.flame.flame import MERGED
from profiler.study.compare.merged import MergedChain, MergedChains
from tests.study.compare.support import ROWS

if TYPE_CHECKING:
    from profiler.study.compare.comparison import Comparison

FUNCTIONS = [(f"f{i}", "library") for i in range(4)]


def spent(flame: DifferenceFlame) -> tuple[dict[tuple[tuple[str, ...], int, bool], list[int]], int]:
    """Return what the columns say, by (path, kind, in request), and the number of nodes."""
    columns = {name: unpack(text) for name, text in flame.columns.items()}
    names = [flame.strings[index] for index in columns["function.name"]]
    paths: list[tuple[str, ...]] = []
    way: list[str] = []
    for depth, function in zip(columns["tree.depth"], columns["tree.function"], strict=True):
        way[depth:] = [names[function]]
        paths.append(tuple(way))
    rows = zip(
        accumulate(columns["spent.node"]),
        columns["spent.tag"],
        zip(columns["spent.before"], columns["spent.after"], strict=True),
        strict=True,
    )
    return {(paths[node], tag >> 1, bool(tag & 1)): list(ns) for node, tag, ns in rows}, len(paths)


@settings(deadline=None)
@given(ROWS.filter(bool))
def test_every_chain_is_found_again(rows: list[MergedChain]) -> None:
    found, _ = spent(difference_flame(MergedChains(FUNCTIONS, ("a", "b"), rows, (1.0, 1.0))))
    expected: dict[tuple[tuple[str, ...], int, bool], list[float]] = {}
    for row in rows:
        key = tuple(FUNCTIONS[index][0] for index in row.path), row.kind, row.in_request
        sums = expected.setdefault(key, [0.0, 0.0])
        sums[0] += row.ns[0]
        sums[1] += row.ns[1]
    assert set(found) == set(expected)
    for key, sums in expected.items():
        assert found[key] == pytest.approx(sums, abs=0.51), "whole nanoseconds"


@settings(deadline=None)
@given(ROWS.filter(bool), st.integers(1, 5))
def test_what_is_too_small_to_keep_is_merged_and_nothing_lost(rows: list[MergedChain], most: int) -> None:
    flame = difference_flame(MergedChains(FUNCTIONS, ("a", "b"), rows, (1.0, 1.0)), most)
    found, _ = spent(flame)
    for which in (0, 1):
        kept = sum(ns[which] for ns in found.values())
        assert kept == pytest.approx(sum(row.ns[which] for row in rows), abs=len(rows) + 1)
    assert 0 <= flame.merged_share <= 1 + 1e-9
    if flame.merged_share:
        assert MERGED[0] in flame.strings


def test_names_are_kept_short() -> None:
    row = MergedChain((0,), 0, in_request=True, ns=(1.0, 2.0))
    flame = difference_flame(MergedChains([("f" * 5000, "l")], ("a",), [row], (1.0, 1.0)))
    assert max(map(len, flame.strings)) <= LONGEST_NAME


def test_the_golden_graphs_are_small(comparison: Comparison) -> None:
    for merged in (comparison.on_cpu, comparison.off_cpu):
        assert merged is not None
        flame = difference_flame(merged)
        assert flame.merged_share == 0
        assert sum(map(len, flame.columns.values())) < 20_000
