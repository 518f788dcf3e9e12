from __future__ import annotations

import pytest

from profiler.pages.run.tail import Tails, spin_tails
from profiler.pages.run.thread_table import tail_sentences
from tests.pages.support import POOL, SPINNING, Made, Sample, spinning


def tails_of(made: Made) -> Tails | None:
    analysis = made.analysis()
    assert analysis.profile is not None
    in_profile = [request for request in analysis.requests if request.phase == "profile"]
    return spin_tails(analysis.profile.attribution, in_profile, 1000)


def test_the_tail_is_measured_from_a_requests_end_for_each_pool_thread() -> None:
    tails = tails_of(spinning(requests=5, tail_ms=30))
    assert tails is not None
    assert tails.count == 10
    assert tails.wall_p50_ms == pytest.approx(29.5)
    assert tails.cpu_p50_ms == pytest.approx(30)
    assert tails.resolution_ms == 1
    assert tails.cut_short == 0


def test_a_tail_that_the_next_request_ended_is_counted_as_cut_short() -> None:
    made = Made(requests=[(100, 110), (150, 160)])
    made.samples = [Sample(ms + 0.5, POOL[0], SPINNING) for ms in range(110, 150)]
    made.samples += [Sample(ms + 0.5, POOL[0], SPINNING) for ms in range(160, 165)]
    tails = tails_of(made)
    assert tails is not None
    assert (tails.count, tails.cut_short) == (2, 1)
    assert "lasted until the next request began" in " ".join(tail_sentences(tails))


def test_overlapping_requests_have_one_gap_after_the_last_of_them() -> None:
    made = Made(requests=[(100, 130), (110, 120)])
    made.samples = [Sample(ms + 0.5, POOL[0], SPINNING) for ms in range(121, 140)]
    tails = tails_of(made)
    assert tails is not None
    assert tails.count == 1
    assert tails.wall_max_ms == pytest.approx(9.5)


def test_without_polling_or_requests_there_is_no_tail() -> None:
    assert tails_of(Made(requests=[(0, 1)])) is None
    assert tails_of(Made(samples=[Sample(1, POOL[0], SPINNING)])) is None
    assert tail_sentences(None) == ["No pool thread was seen polling after a request."]
