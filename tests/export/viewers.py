"""Where the viewers are that read exports back; see `make test-viewers`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MODULES = Path(__file__).parents[2] / "node_modules"


def speedscope() -> Path:
    """Return speedscope's own page; skip where it is not installed, but never in CI."""
    return _there(MODULES / "speedscope" / "dist" / "release" / "index.html", "scripts/setup_node.sh")


def _there(path: Path, remedy: str) -> Path:
    if not path.exists():
        message = f"{path} is missing: {remedy}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path
