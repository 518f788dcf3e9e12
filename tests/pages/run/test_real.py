"""A real run (data/refresh.py), from its files to the page: neither perf nor the libraries are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.finding import Finding
from profiler.findings.verdict import verdict
from profiler.listing.code import gather
from profiler.pages.run.payload import phase_bounds
from profiler.pages.run.report_page import render
from profiler.pages.run.tail import spin_tails
from profiler.pages.run.write_report import write
from tests.pages.parsed_page import Page

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


def test_the_verdict_is_idle_spin(analysis: Analysis) -> None:
    said = verdict(analysis.summary)
    assert said.finding is Finding.IDLE_SPIN
    assert "worker threads spinning while no request was in flight" in said.headline


def test_the_spin_window_is_tens_of_milliseconds(analysis: Analysis) -> None:
    assert analysis.profile is not None
    in_profile = [request for request in analysis.requests if request.phase == "profile"]
    tails = spin_tails(analysis.profile.attribution, in_profile, 997)
    assert tails is not None
    assert tails.count >= len(in_profile) - 2
    assert 10 < tails.cpu_p50_ms < 100


def test_the_pause_is_among_the_kept_instructions(run: RunDirectory, analysis: Analysis) -> None:
    assert analysis.profile is not None
    (pause,) = [
        listing for listing in gather(run, analysis.profile) if listing.function.startswith("[spin pause]")
    ]
    spinning = next(i for i, line in enumerate(pause.lines) if line.spins)
    assert pause.lines[spinning].text.startswith("pause")
    assert pause.lines[spinning + 1].share > 0.5


def test_the_samples_lie_in_the_phase(analysis: Analysis) -> None:
    assert analysis.profile is not None
    begin, end = phase_bounds(analysis, analysis.profile)
    time_ns = analysis.profile.attribution.time_ns
    inside = ((time_ns >= begin) & (time_ns <= end)).mean()
    assert inside > 0.99


def test_the_page_is_small_and_whole(run: RunDirectory, analysis: Analysis) -> None:
    path = write(run, analysis)
    assert path.stat().st_size < 250_000
    text = Page(path.read_text("utf-8")).text
    assert "[worker loop]" in text
    assert "pool thread 1" in text
    assert "spin window" in text
    assert "Hottest instructions" in text


def test_rendering_twice_gives_the_same_page(analysis: Analysis) -> None:
    assert render(analysis) == render(analysis)


def test_the_page_says_what_other_settings_would_change(analysis: Analysis) -> None:
    text = Page(render(analysis)).text
    assert "What other settings would change" in text
    assert "of 30 requests (exact)" in text
    assert "how many wake-ups a request takes can't be seen" in text
