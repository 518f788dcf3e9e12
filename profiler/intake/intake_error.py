"""What can be wrong with a file that is to be imported."""

from __future__ import annotations

from profiler.errors import UsageError

_SHOWN = 120
"""How much of an offending text a message quotes."""
FORMATS = (
    "import reads perf.data, perf script text, collapsed stacks, Firefox or samply profiles (JSON), and pprof"
)


class IntakeError(UsageError):
    """A file, or a line of one, is not of the format that it was taken for."""

    def __init__(
        self, reason: str, *, line_number: int | None = None, text: bytes = b"", hint: str = FORMATS
    ) -> None:
        where = "" if line_number is None else f"line {line_number}: "
        shown = f": {text[:_SHOWN].decode(errors='replace').rstrip()!r}" if text else ""
        super().__init__(f"{where}{reason}{shown}", hint=hint)
        self.line_number = line_number
