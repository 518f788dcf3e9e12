"""Requests that programs mark themselves: `programs/` is what with, the rest reads it (docs/marks.md)."""

from pathlib import Path

MARKER = Path(__file__).parent / "programs"
"""The folder with what programs mark with: `ortprof_marks.py` and `ortprof_marks.h`."""
