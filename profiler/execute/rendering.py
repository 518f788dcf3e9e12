"""A recorded run analysed and its report written; needs nothing of what records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.analyse import analyse
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.pages.run.write_report import write

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


def render(run: RunDirectory, say: Callable[[str], None], source: SourceOptions = EVERYTHING) -> Analysis:
    """Analyse a run and write its report; an old recording is analysed anew without recording again."""
    analysis = analyse(run, say)
    say("writing the report")
    write(run, analysis, source)
    return analysis
