from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.execute import study_run
from tests.execute.worlds import World

if TYPE_CHECKING:
    from profiler.attribution.analysis import Analysis
    from profiler.run.directory import RunDirectory


@pytest.fixture
def world(run: RunDirectory, analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(run, analysis)
    monkeypatch.setattr(study_run, "execute", made.execute)
    return made
