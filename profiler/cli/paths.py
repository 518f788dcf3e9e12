"""Paths on the command line."""

from __future__ import annotations

from pathlib import Path


def as_text(given: object) -> str:
    """Return a path as it was written: `./x` is not `x`. `ValueError` for an empty one, which is no file."""
    if not str(given):
        raise ValueError("'': a path, not nothing")
    return str(given)


def as_path(given: object) -> Path:
    """Return a path; `ValueError` for an empty one, which would be the current folder."""
    return Path(as_text(given))
