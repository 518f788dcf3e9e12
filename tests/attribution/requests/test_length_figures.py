"""A tail made of known lengths and known waits is taken apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.attribution.requests.length_figures import length_figures, lengths
from profiler.run.fed import Fed, FedSet, FedTensor
from profiler.run.processes import Process, Session
from profiler.run.records import Recorded
from profiler.run.request import Request
from profiler.spec.inputs import Order
from tests.run.test_manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

MS = 1_000_000
CALLER = 1
HASH = "0" * 64


def fed(*tokens: int) -> Fed:
    tensors = [FedTensor("ids", "tensor(int64)", "made up: 0 or 1")]
    return Fed(Order.CYCLED, HASH, tensors, [FedSet(HASH, {"ids": [1, size]}) for size in tokens])


def recorded(sizes: Sequence[int], waits_ms: Sequence[int]) -> Recorded:
    """Requests that take 1 ms and 0.5 ms for each token, after waiting."""
    process = Process(1, [CALLER], [], sessions=[Session("m", "m", [CALLER], [])])
    requests = [
        Request(
            phase="measure",
            scheduled_ns=number * 1000 * MS,
            start_ns=(number * 1000 + wait) * MS,
            end_ns=(number * 1000 + wait + 1) * MS + size * MS // 2,
            cpu_ns=0,
            process=1,
            caller=CALLER,
            fed=number,
        )
        for number, (size, wait) in enumerate(zip(sizes, waits_ms, strict=True))
    ]
    manifest = msgspec.structs.replace(MANIFEST, process=process)
    return Recorded(manifest, {}, requests, [fed(*sizes)])


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
