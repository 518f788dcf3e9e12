"""The GitHub Action's script, recording for real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scripts.test_check_action import check

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.beside
LOAD = "--model=tiny\n--rate=50\n--warmup=0.2\n--measure=1"


def test_both_sides_are_recorded_in_turn_and_checked(tmp_path: Path) -> None:
    done = check(
        tmp_path,
        record_baseline=f"--config=spin-on\n{LOAD}",
        record=f"--config=single-thread\n{LOAD}",
        rounds="2",
        # Which side is dearer is the machine's affair: one bound holds on each, the other on none.
        max_cpu_increase="100000%",
        max_cpu_ms="0",
    )
    assert done.returncode == 1, done.stdout + done.stderr
    sides = [
        sorted(path.name for path in (tmp_path / "ortprof" / side).glob("2*")) for side in ("before", "now")
    ]
    assert [len(side) for side in sides] == [2, 2]
    assert [name for pair in zip(*sides, strict=True) for name in pair] == sorted(sides[0] + sides[1])
    junit = (tmp_path / "ortprof.xml").read_text("utf-8")
    assert (junit.count("<testcase"), junit.count("<failure")) == (2, 1)
