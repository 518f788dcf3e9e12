"""Spin is found in stripped releases, old and new, and is not where it is switched off.

`make accuracy` tries all of `STRIPPED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.run.kinds import Category
from tests.accuracy.real import LEAST_SPIN_ON, LOW_LOAD, MOST_SPIN_OFF, profile
from tests.accuracy.wheels import STRIPPED, why_not
from tests.summaries import present

if TYPE_CHECKING:
    from pathlib import Path

    from tests.accuracy.wheels import Wheel

NSYNC, STANDARD_LIBRARY = "1.17.3", "1.23.2"
"""Workers block through nsync's condition variables in the one, through libstdc++'s in the other."""
CHOSEN = [wheel for wheel in STRIPPED if wheel.version in (NSYNC, STANDARD_LIBRARY)]


@pytest.mark.e2e
@pytest.mark.beside
@pytest.mark.parametrize("wheel", CHOSEN, ids=lambda wheel: wheel.version)
def test_spin_is_found_where_it_is(wheel: Wheel, tmp_path: Path) -> None:
    if why := why_not(wheel):
        pytest.skip(why)
    _, on = profile(wheel, "spin-on", tmp_path, LOW_LOAD)
    assert on.manifest.ort.version == wheel.version
    assert on.manifest.ort.symbols == "none"
    assert present(on.summary.cpu).share(Category.SPIN) > LEAST_SPIN_ON
    _, off = profile(wheel, "spin-off", tmp_path, LOW_LOAD)
    assert present(off.summary.cpu).share(Category.SPIN) < MOST_SPIN_OFF
