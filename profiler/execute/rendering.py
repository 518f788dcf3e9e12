"""A recorded run analysed and its report written; needs nothing of what records."""

from __future__ import annotations

import contextlib
import gc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from profiler.attribution.loading.load import begun
from profiler.listing.source_text import EVERYTHING, SourceOptions
from profiler.run import pruning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from profiler.attribution.analysis import Analysis
    from profiler.attribution.loading.loaded import Loaded
    from profiler.run.directory import RunDirectory

    Analysed: TypeAlias = Callable[[Loaded, Callable[[str], None]], Analysis]
    Write: TypeAlias = Callable[[RunDirectory, Analysis, SourceOptions], Path]


RARELY = (200_000, 30, 30)
"""How many objects more before Python looks for garbage in cycles: what is read here is kept, and there is
much of it. mypy's numbers are nearly these; a report takes 0.95 of the time."""


def render(run: RunDirectory, say: Callable[[str], None], source: SourceOptions = EVERYTHING) -> Analysis:
    """Analyse a run and write its report; an old recording is analysed anew without recording again.

    A recording with other processes' stacks in it is then removed, unless its run was to keep it.
    """
    with _collecting_rarely():
        with begun(run, say) as finished, ThreadPoolExecutor(max_workers=1) as beside:
            later = beside.submit(_imported)
            loaded = finished()
            analysed, write = later.result()
            analysis = analysed(loaded, say)
        say("writing the report")
        write(run, analysis, source)
    for recording in pruning.with_others(run, analysis.manifest):
        say(f"removing {recording.name}: others' stacks are in it (recorded with --keep-perf-data it stays)")
        pruning.remove(recording)
    return analysis


@contextlib.contextmanager
def _collecting_rarely() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _imported() -> tuple[Analysed, Write]:
    """Import what a loaded run is made a report with: two hundred modules, while perf is waited for."""
    from profiler.attribution.analyse import analysed  # noqa: PLC0415  beside what is loaded
    from profiler.pages.run.write_report import write  # noqa: PLC0415  beside what is loaded

    return analysed, write
