from __future__ import annotations

import dataclasses
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec
import pytest

from profiler.findings.threads import sampled_threads
from profiler.pages.base.packed import unpack
from profiler.pages.run.payload import phase_bounds
from profiler.pages.timeline import wakeups as module
from profiler.pages.timeline.wakeups import TimelineWakeUps, wake_ups
from tests.summaries import present

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis


def wakes_of(analysis: Analysis) -> tuple[TimelineWakeUps | None, list[str]]:
    """Return the wake-ups, and what the threads are called."""
    profile = analysis.profile
    assert profile is not None
    threads = sampled_threads(profile.trace, profile.attribution, analysis.manifest.process)
    requests = [request for request in analysis.requests if request.phase == "profile"]
    begin_ns, _ = phase_bounds(analysis, profile)
    return wake_ups(profile.off_cpu, threads, requests, begin_ns), [thread.label for thread in threads]


def test_each_request_of_the_real_run_wakes_the_pool(analysis: Analysis) -> None:
    made, labels = wakes_of(analysis)
    assert made is not None
    requests = [request for request in analysis.requests if request.phase == "profile"]
    pairs = [divmod(pair, len(labels)) for pair in unpack(made.columns["wake.threads"])]
    assert {(labels[waker], labels[woken]) for waker, woken in pairs} == {("calling thread", "pool thread 1")}
    assert analysis.profile is not None
    begin_ns, _ = phase_bounds(analysis, analysis.profile)
    at = [begin_ns + us * 1000 for us in accumulate(unpack(made.columns["wake.at"]))]
    assert len(at) == made.kept == made.count == len(requests)
    for time_ns, request in zip(at, requests, strict=True):
        assert request.start_ns <= time_ns + 1000 <= request.end_ns + 1000
    latency = present(analysis.summary.waits).futex.wakeup_latency_ms
    assert latency is not None
    assert max(unpack(made.columns["wake.delay"])) / 1e3 == pytest.approx(latency.max, abs=0.002)


def test_of_too_many_some_are_kept(analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAKE_UPS", 7)
    made, _ = wakes_of(analysis)
    assert made is not None
    assert (made.kept, made.count, len(unpack(made.columns["wake.at"]))) == (7, 30, 7)


def test_without_wake_ups_recorded_there_are_none(analysis: Analysis) -> None:
    assert analysis.profile is not None
    off = analysis.profile.off_cpu
    assert off is not None
    off = dataclasses.replace(off, settings=msgspec.structs.replace(off.settings, wait_events=[]))
    made, _ = wakes_of(
        dataclasses.replace(analysis, profile=dataclasses.replace(analysis.profile, off_cpu=off))
    )
    assert made is None
