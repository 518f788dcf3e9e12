"""Text that a recording can hold."""

from __future__ import annotations

import msgspec

from profiler.errors import UsageError


def require_utf8(value: object) -> None:
    """Refuse a value that JSON can't hold: a path, say, of other bytes. `UsageError` names the text."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{error.object!a} is not UTF-8",
            hint="rename it: it goes into the run's files, which are JSON",
        ) from None
