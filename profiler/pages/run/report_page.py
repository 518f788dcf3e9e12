"""An analysis -> one self-contained HTML page. Pure: reads nothing but this package's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.findings import attached, conditions, injected, parts
from profiler.findings.load import phase_figures
from profiler.findings.operator_table import operator_table
from profiler.findings.predictions import prediction_words
from profiler.findings.spin_window_words import spin_window_sentences
from profiler.findings.threads import sampled_threads
from profiler.findings.verdict import verdict
from profiler.pages.base.page import Page, fill
from profiler.pages.run import cpu_rows
from profiler.pages.run.by_length import by_length
from profiler.pages.run.hot_rows import hot_rows
from profiler.pages.run.latency import latency
from profiler.pages.run.payload import payload
from profiler.pages.run.request_time import request_time
from profiler.pages.run.tail import spin_tails
from profiler.pages.run.thread_table import tail_sentences, thread_table
from profiler.pages.run.waiting import off_cpu
from profiler.run.kinds import KINDS
from profiler.run.summary import why_not

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.analysis import Analysis, Profile
    from profiler.listing.listing import Listing

PAGE = Page(
    "run/report.html.j2",
    (
        "base/kinds.css",
        "base/drawing.css",
        "chart/chart.css",
        "flame/flame.css",
        "timeline/timeline.css",
        "run/run.css",
    ),
    "run/bundle.js",
)


def render(analysis: Analysis, listings: Sequence[Listing] = ()) -> str:
    """Return the report of a run as HTML that needs nothing from outside.

    `listings` are the hottest functions' instructions (`profiler.listing.code.gather`).
    """
    summary, profile = analysis.summary, analysis.profile
    return fill(
        PAGE,
        analysis=analysis,
        summary=summary,
        verdict=verdict(summary),
        figures=phase_figures.figure_rows(summary),
        unmeasured=phase_figures.why_unmeasured(summary),
        brief=conditions.brief(analysis.manifest, summary),
        categories=cpu_rows.category_rows(summary, profile.attribution if profile is not None else None),
        evidence=cpu_rows.evidence_rows(summary),
        predictions=prediction_words.rows(summary),
        prediction_columns=prediction_words.COLUMNS,
        prediction_title=prediction_words.title(summary),
        prediction_notes=prediction_words.sentences(summary),
        latency=latency(analysis.requests),
        by_length=by_length(analysis),
        request_time=request_time(summary),
        request_why=why_not(summary.request),
        off_cpu=off_cpu(summary),
        waits_why=why_not(summary.waits),
        hot=hot_rows(summary, profile, listings),
        operators=operator_table(summary),
        operators_why=why_not(summary.operators),
        sessions=parts.session_rows(summary),
        session_columns=parts.SESSION_COLUMNS,
        pools=parts.pool_rows(summary),
        pool_columns=parts.POOL_COLUMNS,
        given=injected.rows(summary),
        given_columns=injected.COLUMNS,
        processes=attached.process_rows(summary),
        process_columns=attached.PROCESS_COLUMNS,
        observed=attached.observed_rows(summary),
        observed_columns=attached.OBSERVED_COLUMNS,
        observations=attached.evidence_rows(summary),
        observation_columns=attached.EVIDENCE_COLUMNS,
        facts=conditions.condition_facts(analysis.manifest, summary),
        commands=conditions.command_lines(analysis.commands),
        doubts=conditions.doubts(analysis.manifest, summary),
        kinds=[kind.value for kind in KINDS],
        **(_profile_parts(analysis, profile) if profile is not None else {"data": None}),
    )


def _profile_parts(analysis: Analysis, profile: Profile) -> dict[str, Any]:
    """Return what only a run with a profile shows."""
    manifest = analysis.manifest
    threads = sampled_threads(profile.trace, profile.attribution, manifest.threads)
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
