"""An analysis -> one self-contained HTML page. Pure: reads nothing but this package's own files."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from profiler.attribution.kinds import KINDS
from profiler.report import conditions, cpu, figures, formats
from profiler.report.code import Code, without_libraries
from profiler.report.flame import shorten
from profiler.report.hot import hot_rows
from profiler.report.latency import latency
from profiler.report.payload import payload
from profiler.report.tail import spin_tails
from profiler.report.thread_table import tail_sentences, thread_table
from profiler.report.threads import sampled_threads
from profiler.report.typography import keep_units_together
from profiler.report.verdict import verdict

if TYPE_CHECKING:
    from profiler.attribution.analyse import Analysis, Profile

SCRIPTS = (
    "page.js", "data.js", "state.js", "flame.js", "flame_controls.js", "timeline.js", "timeline_controls.js",
    "tables.js", "main.js",
)  # fmt: skip
"""Parts of the page's one script, in order; they share one function's scope."""


def render(analysis: Analysis, code: Code | None = None) -> str:
    """Return the report of a run as HTML that needs nothing from outside.

    `code` is what the profiled libraries add (`profiler.report.code.gather`); without it there are no
    instructions, and functions without a name go by their address in the flame graph.
    """
    summary, profile = analysis.summary, analysis.profile
    listings = code.listings if code is not None else ()
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **page_parts(),
            analysis=analysis,
            summary=summary,
            verdict=verdict(summary),
            figures=figures.figure_rows(summary),
            categories=cpu.category_rows(summary, profile.attribution if profile is not None else None),
            evidence=cpu.evidence_rows(summary),
            latency=latency(analysis.requests),
            hot=hot_rows(summary, profile, listings),
            facts=conditions.condition_facts(analysis.manifest, summary),
            commands=conditions.command_lines(analysis.manifest),
            doubts=conditions.doubts(analysis.manifest, summary),
            kinds=[kind.value for kind in KINDS],
            **(_profile_parts(analysis, profile, code) if profile is not None else {"data": None}),
        )
    )


def _profile_parts(analysis: Analysis, profile: Profile, code: Code | None) -> dict[str, Any]:
    """Return what only a run with a profile shows."""
    manifest = analysis.manifest
    threads = sampled_threads(profile.trace, profile.attribution, manifest.process)
    requests = [request for request in analysis.requests if request.phase == "profile"]
    frequency = manifest.perf.frequency_hz if manifest.perf is not None else 0
    tails = spin_tails(profile.attribution, requests, frequency) if frequency else None
    functions = (code or without_libraries(profile)).functions
    made = payload(analysis, profile, functions, threads, tails)
    return {
        "data": made.data,
        "merged": made.merged,
        "threads": thread_table(threads),
        "tails": tail_sentences(tails),
    }


@cache
def page_parts() -> dict[str, Any]:
    """Return style, script and the Content-Security-Policy that lets these two in and nothing else."""
    style = _asset("report.css")
    script = "\n".join(['"use strict";(() => {', *(_asset(f"script/{name}") for name in SCRIPTS), "})();"])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704  our own files


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("profiler.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        units=keep_units_together,
        shorten=shorten,
        percent=formats.percent,
        ms=formats.ms,
        number=formats.number,
    )
    return environment


def _asset(name: str) -> str:
    return files("profiler.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return a source expression of Content Security Policy Level 3, section 2.3.1."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
