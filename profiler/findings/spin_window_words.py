"""The spin window in words: how long a pool keeps polling after requests, from context switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.summary import Summary

NOTEWORTHY_MS = 1.0
"""Below, threads blocked as soon as they can: the way to sleep takes some of that."""


def spin_window_brief(summary: Summary) -> list[str]:
    """Say in a sentence how long this CPU spins after each request; nothing where it hardly does."""
    window = available(summary.spin_window_ms)
    if window is None or window.p50 < NOTEWORTHY_MS:
        return []
    cut = 2 * window.cut_off > window.requests
    length = f"{'at least ' if cut else ''}{formats.ms(window.p50)}"
    until = ", until the next begins" if cut else ""
    stopped = ", standing still for want of quota included" if summary.limit is not None else ""
    longest = f"median; longest {formats.ms(window.max)}{stopped}"
    return [f"This CPU spins {length} after each request{until} ({longest})."]


def spin_window_sentences(summary: Summary) -> list[str]:
    """Say how long the pool kept polling after requests, exactly; nothing where switches do not tell."""
    window = available(summary.spin_window_ms)
    if window is None:
        return []
    basis = f"exact, from context switches after {formats.count(window.requests, 'request')}"
    longest = formats.ms(window.max)
    if window.p50:
        said = (
            f"After a request ended, it took {formats.ms(window.p50)} (median; longest {longest}) until "
            "the last of the pool's threads blocked: the spin window of this ONNX Runtime on this processor, "
            f"{basis}."
        )
    else:
        said = (
            "At the end of most requests all of the pool's threads had blocked already; the longest spin "
            f"window was {longest} ({basis})."
        )
    if not window.cut_off:
        return [said]
    cut = formats.count(window.cut_off, "window")
    return [said, f"{cut} lasted until the next request began: there it is longer than could be seen."]
