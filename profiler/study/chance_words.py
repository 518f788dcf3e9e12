"""Which differences chance hides, and how many repeats would show them: the same words for all commands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from profiler.findings.formats import count
from profiler.study.bootstrap import t_quantile
from profiler.study.intervals import LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.study.intervals import Ratio

MOST_REPEATS = 30
"""Nobody repeats more often; what takes more is not worth knowing."""


def hidden(ratio: Ratio | None) -> bool:
    """Whether a difference may be chance, or nothing is known of it."""
    return ratio is None or not ratio.significant


def repeats_needed(ratio: Ratio, repeats: int) -> int | None:
    """Return how many repeats would show a difference such as this one; None where more than `MOST_REPEATS`.

    As long as repeats vary as these did: half a Student's t interval shrinks with their square root, and
    with the degrees of freedom.
    """
    difference = abs(math.log(ratio.estimate))
    if repeats < 2 or not 0 < ratio.low < ratio.high:  # noqa: PLR2004  one repeat varies by nothing
        return None
    middle = (1 + LEVEL) / 2
    deviation = math.log(ratio.high / ratio.low) / 2 / t_quantile(middle, repeats - 1) * math.sqrt(repeats)
    return next(
        (
            wanted
            for wanted in range(repeats + 1, MOST_REPEATS + 1)
            if t_quantile(middle, wanted - 1) * deviation / math.sqrt(wanted) < difference
        ),
        None,
    )


def cannot_tell(ratios: Sequence[Ratio | None], repeats: int, option: str) -> str:
    """Say that repeats hide differences: `2 rounds can't tell that from chance; about 7 can (--repeat 7)`."""
    said = f"{count(repeats, 'round')} can't tell that from chance"
    known = [ratio for ratio in ratios if ratio is not None]
    if repeats < 2 or not known:  # noqa: PLR2004  nothing says how much rounds vary
        return f"{said}; more can ({option})"
    wanted = [repeats_needed(ratio, repeats) for ratio in known]
    enough = [number for number in wanted if number is not None]
    if len(enough) < len(wanted):
        return f"{said}, nor would {MOST_REPEATS}" if not enough else f"{said}; more can ({option})"
    return f"{said}; about {max(enough)} can ({option} {max(enough)})"
