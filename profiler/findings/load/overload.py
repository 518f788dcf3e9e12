"""When latencies of the requests that ran say nothing of those that did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.run.sections.load_section import PhaseFigures
    from profiler.run.summary import Summary

MOST_UNSERVED = 0.05
"""From this share of requests on that were due and never started, the 95th percentile is one of them."""


def overloaded(requests: int, unserved: int) -> bool:
    """Whether the 95th percentile of what was due is a request that never ran."""
    return unserved > 0 and unserved >= MOST_UNSERVED * (requests + unserved)


def is_overloaded(summary: Summary) -> bool:
    """Whether that holds for a phase of a run."""
    return any(overloaded(phase.requests, phase.unserved) for _, phase in _phases(summary))


def sentences(summary: Summary) -> list[str]:
    """Say in which phase requests that were due never started; nothing where all did."""
    told = [
        f"{phase.unserved:,} of the {phase.requests + phase.unserved:,} requests {name}"
        for name, phase in _phases(summary)
        if phase.unserved
    ]
    if not told:
        return []
    why = "more come than are served here, and latencies are those of a queue that grows"
    return [f"{formats.listed(told)} never started: {why}."]


def _phases(summary: Summary) -> Iterator[tuple[str, PhaseFigures]]:
    for name, section in (("measured", summary.measured), ("profiled", summary.profiled)):
        phase = available(section)
        if phase is not None:
            yield name, phase
