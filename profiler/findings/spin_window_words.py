"""The spin window in words: how long a pool keeps polling after requests, from context switches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.parts import PoolFigures
    from profiler.run.sections.wait_section import SpinWindowFigures
    from profiler.run.summary import Summary

NOTEWORTHY_MS = 1.0
"""Below, threads blocked as soon as they can: the way to sleep takes some of that."""


def spin_window_brief(summary: Summary) -> list[str]:
    """Say in a sentence how long pools that spin do after each request; nothing where they hardly do.

    Nothing either where it was said of each pool how long it polls before it blocks.
    """
    window = available(summary.spin_window_ms)
    if window is None or window.p50 < NOTEWORTHY_MS or any(map(_told, summary.pools)):
        return []
    cut = 2 * window.cut_off > window.requests
    length = f"{'at least ' if cut else ''}{formats.ms(window.p50)}"
    until = ", until the next begins" if cut else ""
    stopped = ", standing still for want of quota included" if summary.limit is not None else ""
    longest = f"median; longest {formats.ms(window.max)}{stopped}"
    spin = "The pools that spin do so" if len(summary.pools) > 1 else "The pool spins"
    return [f"{spin} {length} after each request{until} ({longest})."]


def ends(summary: Summary, window: SpinWindowFigures) -> str:
    """Say how many ends of requests a spin window is the median of, and what makes that another number."""
    profiled = available(summary.profiled)
    if profiled is None or profiled.requests == window.requests:
        return formats.count(window.requests, "request")
    counted = formats.count(window.requests, "end")
    return f"{counted} of requests with pools that spin: those that overlap have one, with each pool"


def _told(pool: PoolFigures) -> bool:
    """Whether it is known how long a pool that spins polls before it blocks."""
    settings = pool.inferred
    return settings is not None and bool(settings.spins) and settings.blocks_after_ms is not None


def spin_window_sentences(summary: Summary) -> list[str]:
    """Say how long the pool kept polling after requests, exactly; nothing where switches do not tell."""
    window = available(summary.spin_window_ms)
    if window is None:
        return []
    basis = f"exact, from context switches after {ends(summary, window)}"
    longest = formats.ms(window.max)
    if window.p50:
        said = (
            f"After a request ended, it took {formats.ms(window.p50)} (median; longest {longest}) until "
            "the pool's thread blocked that polled longest: the spin window of this ONNX Runtime on this "
            f"processor, {basis}."
        )
    else:
        said = (
            "At the end of most requests none of the pool's threads polled any more; the longest spin "
            f"window was {longest} ({basis})."
        )
    if not window.cut_off:
        return [said]
    cut = formats.count(window.cut_off, "window")
    return [said, f"{cut} lasted until the next request began: there it may be longer than could be seen."]
