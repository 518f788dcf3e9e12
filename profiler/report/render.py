"""An analysis -> one self-contained HTML page. Pure: reads nothing but this package's own files."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from profiler.report import conditions, cpu, figures, formats
from profiler.report.flame import flame_columns
from profiler.report.typography import keep_units_together
from profiler.report.verdict import verdict

if TYPE_CHECKING:
    from profiler.attribution.analyse import Analysis

SCRIPTS = ("page.js", "data.js", "flame.js", "main.js")
"""Parts of the page's one script, in order; they share one function's scope."""


def render(analysis: Analysis) -> str:
    """Return the report of a run as HTML that needs nothing from outside."""
    summary, profile = analysis.summary, analysis.profile
    attribution = profile.attribution if profile is not None else None
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            **page_parts(),
            analysis=analysis,
            summary=summary,
            verdict=verdict(summary),
            figures=figures.figure_rows(summary),
            categories=cpu.category_rows(summary, attribution),
            evidence=cpu.evidence_rows(summary),
            hot=summary["hot"],
            facts=conditions.condition_facts(analysis.manifest, summary),
            commands=conditions.command_lines(analysis.manifest),
            doubts=conditions.doubts(analysis.manifest, summary),
            data=flame_columns(profile.functions) if profile is not None else None,
        )
    )


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
        units=keep_units_together, percent=formats.percent, ms=formats.ms, number=formats.number
    )
    return environment


def _asset(name: str) -> str:
    return files("profiler.report").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return a source expression of Content Security Policy Level 3, section 2.3.1."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
