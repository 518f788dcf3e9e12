"""A run directory in, its analysis out."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from profiler.attribution.assemble import assemble, quiet
from profiler.attribution.loading.load import begun

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis, Profile
    from profiler.attribution.loading.loaded import Loaded
    from profiler.run.directory import RunDirectory


def analyse(run: RunDirectory, say: Callable[[str], None] = quiet) -> Analysis:
    """Load a run and assemble its analysis; writes and raises what `begun` does."""
    with begun(run, say) as loaded:
        return analysed(loaded(), say)


def analysed(loaded: Loaded, say: Callable[[str], None]) -> Analysis:
    """Assemble the analysis of a run that is being loaded; perf finds its own figures meanwhile."""
    analysis = assemble(loaded, say)
    if loaded.check is None:
        return analysis
    decoding = loaded.check()
    summary = msgspec.structs.replace(analysis.summary, cross_check=decoding.cross_check)
    return dataclasses.replace(analysis, summary=summary, decoding=decoding)


def profile_of(run: RunDirectory, say: Callable[[str], None] = quiet) -> Profile:
    """Return what a run's profile phase gave; `UsageError` without one, other errors as `analyse`'s."""
    return analyse(run, say).required_profile
