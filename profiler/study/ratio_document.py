"""A ratio with its interval, as all of our JSON documents have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from profiler.study.intervals import Ratio


def ratio_document(ratio: Ratio, *, significant: bool | None = None) -> dict[str, Any]:
    """Return a ratio's fields; `significant` where several figures were judged together, else its own."""
    return {
        "estimate": ratio.estimate,
        "low": ratio.low,
        "high": ratio.high,
        "significant": ratio.significant if significant is None else significant,
        "p": ratio.p,
        "smallest_found": ratio.smallest_found,
        "basis": ratio.basis.value,
    }
