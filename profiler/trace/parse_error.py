"""What can be wrong with a trace's text or its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 120
"""How much of an offending line a message quotes."""
ANEW = "make it anew from perf.data with `ortprof report`, or record again"


class TraceFormatError(UsageError):
    """A line of perf's text is not what perf writes."""

    def __init__(self, reason: str, *, line_number: int, text: bytes) -> None:
        shown = text[:_SHOWN].decode(errors="replace").rstrip("\n")
        super().__init__(
            f"perf's output, line {line_number}: {reason}: {shown!r}",
            hint="this reads the text of perf 6.1; `ortprof doctor` shows which perf is in use",
        )
        self.line_number = line_number
        self.text = text


class TraceFileError(UsageError):
    """A stored trace can't be read: corrupt, foreign, or of another schema."""

    def __init__(self, path: Path, reason: str, *, hint: str = ANEW) -> None:
        super().__init__(f"{path}: {reason}", hint=hint)
        self.path = path
