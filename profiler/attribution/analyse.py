"""A run directory in, its analysis out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.assemble import assemble, quiet
from profiler.attribution.loading.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.attribution.analysis import Analysis, Profile
    from profiler.run.directory import RunDirectory


def analyse(run: RunDirectory, say: Callable[[str], None] = quiet) -> Analysis:
    """Load a run and assemble its analysis; writes and raises what `load` does."""
    return assemble(load(run, say), say)


def profile_of(run: RunDirectory, say: Callable[[str], None] = quiet) -> Profile:
    """Return what a run's profile phase gave; `UsageError` without one, other errors as `analyse`'s."""
    return analyse(run, say).required_profile
