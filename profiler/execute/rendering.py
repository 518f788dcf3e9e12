"""A recorded run analysed and its report written; needs nothing of what records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.analyse import analyse
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.pages.run.write_report import write
from profiler.run import pruning

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


def render(run: RunDirectory, say: Callable[[str], None], source: SourceOptions = EVERYTHING) -> Analysis:
    """Analyse a run and write its report; an old recording is analysed anew without recording again.

    A recording with other processes' stacks in it is then removed, unless its run was to keep it.
    """
    analysis = analyse(run, say)
    say("writing the report")
    write(run, analysis, source)
    for recording in pruning.with_others(run, analysis.manifest):
        pruning.remove(recording)
    return analysis
