"""Paths on the command line."""

from __future__ import annotations

from pathlib import Path


def as_path(text: object) -> Path:
    """Return a path; `ValueError` for an empty one, which would be the current folder."""
    if not str(text):
        raise ValueError("'': a path, not nothing")
    return Path(str(text))
