"""A run's files, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from profiler.attribution.assemble import quiet
from profiler.attribution.loading.load import begun
from profiler.run.directory import RunDirectory

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.attribution.loading.loaded import Loaded


def loaded(path: Path) -> Loaded:
    """Load a run that was decoded already."""
    with begun(RunDirectory(path), quiet) as finished:
        return finished()
