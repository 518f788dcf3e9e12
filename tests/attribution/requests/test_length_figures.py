"""A tail made of known lengths and known waits is taken apart again."""

from __future__ import annotations

import pytest

from profiler.attribution.requests.length_figures import length_figures, lengths
from profiler.run.fed import Fed, FedSet
from profiler.spec.inputs import Order
from tests.sized_requests import HASH, recorded


def test_length_alone_explains_a_tail_without_waits() -> None:
    found = length_figures(recorded([10] * 94 + [100] * 6, [0] * 100))
    assert found is not None
    assert (found.slowest, found.slowest_length, found.mean_length) == (6, 100, 15.4)
    assert found.ms_per_element == pytest.approx(0.5)
    assert [found.longer_ms, found.length_ms] == pytest.approx([42.3, 42.3])
    assert [found.waiting_ms, found.rest_ms] == pytest.approx([0, 0], abs=1e-9)


def test_waiting_alone_explains_a_tail_of_requests_like_the_others() -> None:
    sizes = [10, 20] * 50
    found = length_figures(recorded(sizes, [200 if number in (4, 5, 44, 45) else 0 for number in range(100)]))
    assert found is not None
    # 95th percentile of 100: the four that waited, and all as slow as the 95th.
    assert found.waiting_ms > 0
    assert found.waiting_ms + found.length_ms + found.rest_ms == pytest.approx(found.longer_ms)
    assert abs(found.rest_ms) < 1e-6


@pytest.mark.parametrize("sizes", [[10] * 100, [10, 20]])
def test_one_length_or_few_requests_explain_nothing(sizes: list[int]) -> None:
    assert length_figures(recorded(sizes, [0] * len(sizes))) is None


def test_a_length_is_what_the_largest_input_has_but_for_the_batch() -> None:
    sets = [FedSet(HASH, {"a": [4, 7], "b": [3]}), FedSet(HASH, {}), FedSet(HASH, {"s": []})]
    assert lengths(Fed(Order.CYCLED, HASH, [], sets)) == [7, 0, 1]
