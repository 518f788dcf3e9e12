"""Small typographic mercies."""

from __future__ import annotations

import re

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_UNIT = re.compile(r"(?<=\d) (?=(?:%|ms|s|µs|GiB|MiB|KiB|Hz|CPU|points)(?!\w))|(?<=<) (?=\d)")


def capital(text: str) -> str:
    """Return a text as a sentence begins."""
    return f"{text[:1].upper()}{text[1:]}"


def keep_units_together(text: str) -> str:
    """Put a no-break space between a number and its unit."""
    return _UNIT.sub(NO_BREAK_SPACE, text)
