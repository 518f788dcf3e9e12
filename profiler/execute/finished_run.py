"""What becomes of a run: apart from how it is made, since whoever shows one need not record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run in its place."""

    run: RunDirectory
    analysis: Analysis
