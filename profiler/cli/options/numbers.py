"""Numbers and lists on the command line: parsed, held against what is allowed, refused in its words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.spec.inputs import parse_lengths
from profiler.spec.ranges import SIZE, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

LONGEST = 40
"""Characters of a number; int() takes no more than some thousand, and a line of the terminal has fewer."""


def number(allowed: Range) -> Callable[[object], float]:
    """Return a parser for a number of that range; `ValueError` says the text and the range."""

    def parse(text: object) -> float:
        value = _value(str(text), allowed)
        if value is None:
            raise ValueError(f"{shortened(str(text))}: {allowed.words}")
        return value

    return parse


def numbers(
    option: str, text: str | None, allowed: Range, *, word: str | None = None
) -> list[float | str] | None:
    """Return a comma-separated list of such numbers, or None for None; `word` may stand for one of them.

    `UsageError` for one that is none, and for an empty list.
    """
    parts = names(option, text)
    if parts is None:
        return None
    numbers: list[float | str] = []
    for part in parts:
        value = part if part == word else _value(part, allowed)
        if value is None:
            other = f", or {word}" if word else ""
            raise UsageError(f"{option} {shortened(part)}: {allowed.words}{other}, in a list with commas")
        numbers.append(value)
    return numbers


def spans(option: str, text: str | None) -> list[str] | None:
    """Return a comma-separated list of lengths or ranges of them; errors as `numbers`."""
    parts = names(option, text)
    for part in parts or ():
        try:
            parse_lengths(part)
        except ValueError as error:
            raise UsageError(f"{option} {error}, in a list with commas") from error
    return parts


def names(option: str, text: str | None, among: Collection[str] = ()) -> list[str] | None:
    """Split a comma-separated list; `UsageError` for one of nothing, and for what is not `among` some."""
    if text is None:
        return None
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError(f"{option} {text!r}: nothing in the list")
    for part in parts:
        if among and part not in among:
            raise UsageError(f"{option} {shortened(part)}: one of {', '.join(among)}, in a list with commas")
    return parts


def dims(entries: list[str]) -> dict[str, int]:
    """Return the sizes that --dim gives, by name; `UsageError` for what is not NAME=SIZE."""
    sizes = {}
    for entry in entries:
        name, _, text = entry.rpartition("=")
        size = _value(text, SIZE)
        if not name or size is None:
            raise UsageError(
                f"--dim {shortened(entry)}: NAME=SIZE, {SIZE.words}", hint="for example --dim sequence=128"
            )
        sizes[name] = int(size)
    return sizes


def shortened(text: str) -> str:
    """Return what was typed, as far as a line has room for it."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _value(text: str, allowed: Range) -> float | None:
    """Return the number that a text says, None where it says none of that range."""
    text = text.strip()
    if not text.isascii() or "_" in text or len(text) > LONGEST:
        return None
    try:
        value = int(text) if allowed.whole else float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and allowed.holds(value) else None
