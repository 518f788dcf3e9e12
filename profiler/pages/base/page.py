"""What every page is made with: the template environment, and style and script under one policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from profiler.findings import formats
from profiler.findings.function_names import shorten
from profiler.findings.typography import keep_units_together

REPORT_SCRIPTS = (
    "base/page.js",
    "base/data.js",
    "run/state.js",
    "flame/flame_boxes.js",
    "flame/flame_tree.js",
    "flame/flame_search.js",
    "flame/flame.js",
    "flame/flame_controls.js",
    "run/operators.js",
    "timeline/timeline_data.js",
    "timeline/timeline_scale.js",
    "timeline/timeline_lanes.js",
    "timeline/timeline_wakes.js",
    "timeline/timeline_quota.js",
    "timeline/timeline.js",
    "timeline/timeline_controls.js",
    "base/tables.js",
    "run/main.js",
)
"""Parts of the report's one script, in order; they share one function's scope."""
INDEX_SCRIPTS = ("base/tables.js", "index/index.js")


def fill(template: str, scripts: tuple[str, ...], **values: Any) -> str:
    """Return a page from a template of this package."""
    return _environment().get_template(template).render(**page_parts(scripts), **values)


@cache
def page_parts(scripts: tuple[str, ...]) -> dict[str, Any]:
    """Return style, script and the Content-Security-Policy that lets these two in and nothing else."""
    style = _asset("base/report.css")
    script = "\n".join(['"use strict";(() => {', *(_asset(name) for name in scripts), "})();"])
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704  our own files


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("profiler", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        units=keep_units_together,
        shorten=shorten,
        file_name=lambda path: path.rpartition("/")[2],
        short_path=formats.short_path,
        percent=formats.percent,
        ms=formats.ms,
        number=formats.number,
    )
    return environment


def _asset(name: str) -> str:
    return files("profiler.pages").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return a source expression of Content Security Policy Level 3, section 2.3.1."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
