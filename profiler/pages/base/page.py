"""What every page is made with: the template environment, and style and script under one policy."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from profiler.findings import formats
from profiler.findings.function_names import shorten
from profiler.findings.typography import keep_units_together
from profiler.pages.base import kinds
from profiler.pages.base.compiled_templates import CompiledTemplates, default_folder


@dataclass(frozen=True, slots=True)
class Page:
    """What one of the pages is made of: files of this package, named from its folder."""

    template: str
    """It extends base/base.html.j2."""
    styles: tuple[str, ...]
    """Those of the rooms that it shows something of; base/base.css comes before them."""
    bundle: str = ""
    """Its script, `make pages`' output (docs/pages.md); empty for a page without."""


def fill(page: Page, **values: Any) -> str:
    """Return a page with these values in its template."""
    return formats.printable(_environment().get_template(page.template).render(**page_parts(page), **values))


@cache
def page_parts(page: Page) -> dict[str, Any]:
    """Return style, script and the Content-Security-Policy that lets these two in and nothing else."""
    style = "".join(_style(name) for name in ("base/base.css", *page.styles))
    script = _asset(page.bundle) if page.bundle else ""
    source = _hash(script) if script else "'none'"
    policy = (
        f"default-src 'none'; script-src {source}; style-src {_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704  our own files


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("profiler", "pages"),
        bytecode_cache=CompiledTemplates(default_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        units=keep_units_together,
        prose=prose,
        shorten=shorten,
        file_name=lambda path: path.rpartition("/")[2],
        short_path=formats.short_path,
        percent=formats.percent,
        ms=formats.ms,
        number=formats.number,
        across=lambda percent: f"{percent:.3f}%",
        down=lambda pixels: f"{pixels:.1f}",
    )
    environment.globals["drawn_kinds"] = kinds.DRAWN
    return environment


def prose(text: str) -> Markup:
    """Return sentences for a page: numbers stay with their units, and what is to be typed (`...`) is code."""
    plain, *quoted = keep_units_together(text).split("`")
    if len(quoted) % 2:  # one is alone, and may stand in a name
        return escape(keep_units_together(text))
    pairs = zip(quoted[::2], quoted[1::2], strict=True)
    return escape(plain) + Markup("").join(Markup("<code>{}</code>{}").format(*pair) for pair in pairs)


def _style(name: str) -> str:
    return _asset(name) + (kinds.rules() if name == "base/kinds.css" else "")


def _asset(name: str) -> str:
    return files("profiler.pages").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """Return a source expression of Content Security Policy Level 3, section 2.3.1."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
