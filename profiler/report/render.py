"""An analysis -> one self-contained HTML page. Pure: reads nothing but this package's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.attribution.kinds import KINDS
from profiler.report import conditions, cpu, figures
from profiler.report.hot import hot_rows
from profiler.report.latency import latency
from profiler.report.off_cpu import off_cpu
from profiler.report.operators import operator_table
from profiler.report.page import REPORT_SCRIPTS, fill
from profiler.report.payload import payload
from profiler.report.request_time import request_time
from profiler.report.sections import why_unavailable
from profiler.report.spin_window import spin_window_sentences
from profiler.report.tail import spin_tails
from profiler.report.thread_table import tail_sentences, thread_table
from profiler.report.threads import sampled_threads
from profiler.report.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analyse import Analysis, Profile
    from profiler.report.listing import Listing


def render(analysis: Analysis, listings: Sequence[Listing] = ()) -> str:
    """Return the report of a run as HTML that needs nothing from outside.

    `listings` are the hottest functions' instructions (`profiler.report.code.gather`).
    """
    summary, profile = analysis.summary, analysis.profile
    return fill(
        "report.html.j2",
        REPORT_SCRIPTS,
        analysis=analysis,
        summary=summary,
        verdict=verdict(summary),
        figures=figures.figure_rows(summary),
        brief=conditions.brief(analysis.manifest, summary),
        categories=cpu.category_rows(summary, profile.attribution if profile is not None else None),
        evidence=cpu.evidence_rows(summary),
        latency=latency(analysis.requests),
        request_time=request_time(summary),
        request_why=why_unavailable(summary, "request"),
        off_cpu=off_cpu(summary),
        waits_why=why_unavailable(summary, "waits"),
        hot=hot_rows(summary, profile, listings),
        operators=operator_table(summary),
        operators_why=why_unavailable(summary, "operators"),
        facts=conditions.condition_facts(analysis.manifest, summary),
        commands=conditions.command_lines(analysis.manifest),
        doubts=conditions.doubts(analysis.manifest, summary),
        kinds=[kind.value for kind in KINDS],
        **(_profile_parts(analysis, profile) if profile is not None else {"data": None}),
    )


def _profile_parts(analysis: Analysis, profile: Profile) -> dict[str, Any]:
    """Return what only a run with a profile shows."""
    manifest = analysis.manifest
    threads = sampled_threads(profile.trace, profile.attribution, manifest.process)
    requests = [request for request in analysis.requests if request.phase == "profile"]
    frequency = manifest.perf.frequency_hz if manifest.perf is not None else 0
    tails = spin_tails(profile.attribution, requests, frequency) if frequency else None
    made = payload(analysis, profile, threads, tails)
    return {
        "data": made.data,
        "merged": made.merged,
        "off_why": made.off_why,
        "quota": made.quota,
        "threads": thread_table(threads),
        # Context switches tell the spin window exactly, above; samples only where these were not recorded.
        "tails": [] if spin_window_sentences(analysis.summary) else tail_sentences(tails),
    }
