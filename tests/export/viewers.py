"""Where the viewers are that read exports back; see `make test-viewers`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "node_modules"
PPROF = ROOT / "build" / "viewers" / "pprof"


def speedscope() -> Path:
    """Return speedscope's own page; skip where it is not installed, but never in CI."""
    return _there(MODULES / "speedscope" / "dist" / "release" / "index.html", "scripts/setup_node.sh")


def firefox_profiler() -> Path:
    """Return Firefox Profiler's command line; skip where it is not installed, but never in CI."""
    return _there(
        MODULES / "@firefox-devtools" / "profiler-cli" / "dist" / "profiler-cli.js", "scripts/setup_node.sh"
    )


def pprof() -> Path:
    """Return Go's pprof, of 60 MB; skip where `make test-viewers` has not put it."""
    if not PPROF.exists():
        pytest.skip(f"{PPROF} is missing: make test-viewers")
    return PPROF


def _there(path: Path, remedy: str) -> Path:
    if not path.exists():
        message = f"{path} is missing: {remedy}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
