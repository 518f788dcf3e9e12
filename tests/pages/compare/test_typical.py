from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from profiler.pages.compare.lanes import typical_requests
from profiler.pages.compare.typical import median_request, typical_request
from tests.pages.support import Made, spinning
from tests.study.compare.support import made_pair

if TYPE_CHECKING:
    from profiler.study.compare.sides import Pair

UNTIL_MS = 40.0


def test_the_median_request_is_one_that_was_seen(pair: Pair) -> None:
    requests = pair.before.analysis.requests
    found = median_request(requests)
    assert found is not None
    latencies = sorted(one.latency_ns for one in requests if one.phase == "profile")
    assert latencies.index(found.latency_ns) == (len(latencies) - 1) // 2
    assert median_request([one for one in requests if one.phase == "measure"]) is None


@pytest.mark.parametrize("side", [0, 1])
def test_lanes_tell_all_of_the_time_once(pair: Pair, side: int) -> None:
    """Context switches leave no instant without a verdict, and none with two."""
    found = typical_request(pair.sides[side].analysis, UNTIL_MS)
    assert found is not None
    assert [lane.label for lane in found.lanes] == ["calling thread", "pool thread 1"]
    for lane in found.lanes:
        assert lane.spans[0].begin_ms == 0
        assert lane.spans[-1].end_ms == pytest.approx(UNTIL_MS)
        for one, following in pairwise(lane.spans):
            assert one.begin_ms < one.end_ms == following.begin_ms


def test_after_a_request_the_pool_spins_or_blocks(pair: Pair) -> None:
    def after(side: int) -> str:
        found = typical_request(pair.sides[side].analysis, UNTIL_MS)
        assert found is not None
        return found.lanes[1].spans[-1].what

    assert after(0) in {"spin-idle", "runnable"}
    assert after(1) == "futex"


def test_without_context_switches_samples_tell() -> None:
    found = typical_request(spinning().analysis(), 20.0)
    assert found is not None
    kinds = {span.what for lane in found.lanes for span in lane.spans}
    assert kinds == {"compute", "spin-idle"}
    for lane in found.lanes:
        assert all(0 <= span.begin_ms < span.end_ms <= 20 for span in lane.spans)


def test_both_sides_share_an_axis(pair: Pair) -> None:
    drawn = typical_requests(pair)
    assert drawn is not None
    latencies = [median_request(side.analysis.requests) for side in pair.sides]
    ends = [side.end for side in drawn.sides]
    assert latencies[0] is not None
    assert latencies[1] is not None
    assert ends[0] / ends[1] == pytest.approx(latencies[0].latency_ns / latencies[1].latency_ns)
    assert max(ends) < 100
    for side in drawn.sides:
        for lane in side.lanes:
            assert all(one.x >= 0 and one.x + one.width <= 100 + 1e-6 for one in lane.segments)
    assert {"compute", "spin-idle"} <= {what for what, _ in drawn.legend}


@pytest.mark.parametrize("lacking", [Made(phases=("measure",)), Made(requests=[])])
def test_without_a_request_in_a_profile_there_is_none(lacking: Made) -> None:
    assert typical_requests(made_pair(spinning(), lacking)) is None
    assert typical_requests(made_pair(lacking, spinning())) is None
