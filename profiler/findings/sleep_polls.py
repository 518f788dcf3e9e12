"""Polls with sleeps: loops that look, sleep for a moment and look again, in words of their own.

They are spinning, for nothing but waiting is done; but it is the calls that cost, no session setting of ONNX
Runtime changes them, and the thread leaves its CPU to others meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings.formats import percent
from profiler.run.kinds import Evidence, Kind
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.summary import Summary

NOTEWORTHY = 0.05
"""A share of the CPU time from which they are named."""


def _share(summary: Summary) -> float:
    """Return their share of the CPU time: that of the sleeping calls, the looks between them aside."""
    cpu = available(summary.cpu)
    return 0.0 if cpu is None else cpu.evidence.get(Evidence.SLEEP, 0.0)


IDLE = (Kind.SPIN_IDLE,)
INSIDE = (Kind.SPIN_BUSY, Kind.SPIN_JOIN)


def are_most(summary: Summary, kinds: Sequence[Kind]) -> bool:
    """Whether spinning of these kinds is mostly theirs."""
    cpu = available(summary.cpu)
    return cpu is not None and 2 * _share(summary) > sum(map(cpu.share, kinds)) > 0


def told(summary: Summary) -> list[str]:
    """Say how much of the CPU time they took."""
    share = _share(summary)
    if share < NOTEWORTHY:
        return []
    looking = "threads look, sleep for a moment (nanosleep, usleep) and look again"
    return [f"{percent(share)} of the CPU time was polls with sleeps: {looking}."]


def remedies(summary: Summary) -> list[str]:
    """Say what spares them."""
    if _share(summary) < NOTEWORTHY:
        return []
    instead = "a condition variable would wake the thread when there is something to do"
    return [f"No session setting changes a poll with sleeps: {instead}, longer sleeps would look less often."]
