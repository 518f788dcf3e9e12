"""Numbers as people read them: three significant digits, thousands separated, a unit behind a space.

And text from processes and files as nobody is fooled by it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HUNDRED = 100
PATH_PARTS = 4
MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EN DASH}"
"""Stands where there is no figure."""
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u200e\u200f\u2028-\u202e\u2066-\u2069"  # marks that reorder or break what is shown
    "\ud800-\udfff]"  # lone surrogates: bytes that were no UTF-8
)


def number(value: float) -> str:
    """Return a number with three significant digits; whole thousands keep all theirs: `1,180`, `12.3`."""
    if not math.isfinite(value):
        return NOTHING
    if abs(value) >= HUNDRED:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    rounded = f"{value:.{min(digits, 3)}f}"
    if float(rounded) == 0:
        return "< 0.001" if value > 0 else "0"
    return rounded


def ms(value: float | None) -> str:
    """Return milliseconds: `12.3 ms`; `NOTHING` for None."""
    return NOTHING if value is None else f"{number(value)} ms"


def seconds(value: float) -> str:
    """Return seconds: `3.00 s`."""
    return f"{number(value)} s"


def duration(value: float) -> str:
    """Return seconds as people plan with them: `40 s`, `12 min`, `1 h 20 min`."""
    if value < 90:  # noqa: PLR2004  a minute and a half
        return f"{value:.0f} s"
    minutes = round(value / 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def percent(share: float) -> str:
    """Return a share as percent: `62 %`, `9.7 %`, `< 0.1 %`."""
    value = share * HUNDRED
    if value == 0:
        return "0 %"
    if 0 < value < 0.1:  # noqa: PLR2004  what one decimal can show
        return "< 0.1 %"
    whole = abs(value) >= 9.95  # noqa: PLR2004  from here two digits stand before the point
    return f"{value:.0f} %" if whole else f"{value:.1f} %"


def signed_percent(share: float) -> str:
    """Return a change as percent with its sign: `+1.6 %`."""
    return f"{'+' if share >= 0 else MINUS}{percent(abs(share)).removeprefix('< ')}"


def signed(value: float) -> str:
    """Return a difference with its sign: `+3.82`; `0` for none."""
    return (
        number(0) if value == 0 else f"{'+' if value > 0 else MINUS}{number(abs(value)).removeprefix('< ')}"
    )


def count(value: float, singular: str, plural: str | None = None) -> str:
    """Return a count with its noun: `1 request`, `1,180 requests`."""
    return f"{value:,.0f} {singular if value == 1 else plural or singular + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def size(value: float) -> str:
    """Return bytes in binary units: `23.5 GiB`."""
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:  # noqa: PLR2004  binary units
            return f"{number(value)} {unit}"
        value /= 1024
    return f"{number(value)} GiB"


def short_path(path: str) -> str:
    """Return the end of a path that is too long for a heading: `…/core/platform/threadpool.cc`."""
    parts = path.split("/")
    return path if len(parts) <= PATH_PARTS + 1 else "/".join(("…", *parts[-PATH_PARTS:]))


def printable(text: str) -> str:
    """Return text with every control character replaced by a sign that says so."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """Return text that is `printable` and has no line breaks, for a cell or a heading."""
    return printable(text).replace("\n", "\N{REPLACEMENT CHARACTER}").replace("\t", " ")
