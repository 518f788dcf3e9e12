"""Verdicts by instructions against verdicts by names, on the release that has both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.run.kinds import Evidence
from tests.accuracy.nameless import AGREEMENT, compare
from tests.accuracy.real import Load, profile
from tests.accuracy.wheels import WITH_SYMBOLS, why_not
from tests.summaries import present

if TYPE_CHECKING:
    from pathlib import Path

MODERATE_LOAD = Load(rate=20.0, tokens=10, seconds=5.0)
ENOUGH_SAMPLES = 3000
"""At 99 % agreement, 3000 samples give a standard error of 0.2 %."""


@pytest.mark.e2e
def test_instructions_agree_with_names(tmp_path: Path) -> None:
    if why := why_not(WITH_SYMBOLS):
        pytest.skip(why)
    run, analysis = profile(WITH_SYMBOLS, "spin-on", tmp_path / "reports", MODERATE_LOAD)
    found = compare(run, analysis, tmp_path)
    assert found.samples >= ENOUGH_SAMPLES
    assert present(analysis.summary.cpu).evidence[Evidence.INSTRUCTION] < 1 - AGREEMENT, (
        "names should decide here"
    )
    assert found.share >= AGREEMENT, found.differences.most_common(5)
