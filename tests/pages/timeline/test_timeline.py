from __future__ import annotations

from itertools import accumulate

import numpy as np
import pytest

from profiler.findings.threads import sampled_threads, thread_rows
from profiler.pages.base.packed import unpack
from profiler.pages.timeline import timeline as module
from profiler.pages.timeline.timeline import Timeline, timeline
from profiler.run.kinds import KINDS
from tests.pages.support import CALLING, POOL, SPINNING, WORKING, Made, Sample, spinning


def made_of(made: Made, limit: int = 1_000_000) -> Timeline:
    analysis = made.analysis()
    profile = analysis.profile
    assert profile is not None
    threads = sampled_threads(profile.trace, profile.attribution, analysis.manifest.process)
    phase = analysis.manifest.phase("profile")
    assert phase is not None
    return timeline(
        profile.attribution,
        thread_rows(threads, profile.attribution.tid),
        [request for request in analysis.requests if request.phase == "profile"],
        (phase.start_ns, phase.end_ns),
        limit,
    )


def segments(drawn: Timeline, lane: int) -> list[tuple[int, int, str]]:
    """Return (begin, end, kind) of a lane, in microseconds: the script's reading."""
    now, found = 0, []
    for gap, span in zip(
        unpack(drawn.columns[f"lane.{lane}.gap"]), unpack(drawn.columns[f"lane.{lane}.span"]), strict=True
    ):
        length, kind = divmod(span, len(KINDS))
        found.append((now + gap, now + gap + length, KINDS[kind].value))
        now += gap + length
    return found


def test_samples_of_a_kind_join_and_gaps_stay() -> None:
    made = Made(
        samples=[Sample(ms, POOL[0], SPINNING) for ms in (10, 11, 12, 20)]
        + [Sample(ms, POOL[0], WORKING) for ms in (13, 14)],
    )
    made.samples.sort(key=lambda sample: sample.ms)
    assert segments(made_of(made), 0) == [
        (9_000, 12_000, "spin-idle"),
        (12_000, 14_000, "compute"),
        (19_000, 20_000, "spin-idle"),
    ]


def test_requests_are_relative_to_the_phase() -> None:
    drawn = made_of(spinning(requests=3))
    data = drawn.columns
    assert list(accumulate(unpack(data["request.start"]))) == [100_000, 1_100_000, 2_100_000]
    assert unpack(data["request.span"]) == [4_000] * 3
    assert unpack(data["request.late"]) == [0] * 3
    assert drawn.us == 10_000_000


def test_over_budget_samples_are_binned_and_the_resolution_given() -> None:
    random = np.random.default_rng(1)
    made = Made()
    for ms in range(4_000):
        chain = (SPINNING, WORKING)[int(random.integers(2))]
        made.samples += [Sample(ms + 0.5, tid, chain) for tid in (CALLING, *POOL)]
    whole, small = made_of(made), made_of(made, 3_000)
    assert whole.resolution_us == 0
    assert small.resolution_us > 1_000
    assert sum(len(text) for name, text in small.columns.items() if "lane" in name) <= 3_000
    busy = sum(end - begin for begin, end, _ in segments(small, 1))
    assert busy == pytest.approx(4_000_000, rel=0.15)


def test_segments_never_overlap() -> None:
    made = Made(samples=[Sample(ms, POOL[0], SPINNING) for ms in (0.1, 0.2, 0.2, 5)])
    spans = segments(made_of(made), 0)
    edges = [edge for begin, end, _ in spans for edge in (begin, end)]
    assert edges == sorted(edges)
    assert all(end > begin for begin, end, _ in spans)


def test_too_many_requests_are_drawn_as_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REQUESTS", 10)
    made = Made(requests=[(i, i + 0.5) for i in range(95)], samples=[Sample(1, CALLING, SPINNING)])
    drawn = made_of(made)
    starts = list(accumulate(unpack(drawn.columns["request.start"])))
    spans = unpack(drawn.columns["request.span"])
    assert drawn.merged_requests
    assert len(starts) == 10
    assert starts[0] == 0
    assert starts[-1] + spans[-1] == 94_500
    assert np.all(np.diff(starts) > 0)
