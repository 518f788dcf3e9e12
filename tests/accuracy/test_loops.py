"""The share of spin in loops that know theirs: at most 5 points off, and no name that would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accuracy.loops import BOUND_POINTS, PROGRAMS, hold
from tests.accuracy.programs import compiler_missing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.accuracy.loops import LoopProgram

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.beside,
    pytest.mark.skipif(compiler_missing() is not None, reason=str(compiler_missing())),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_only_waiting_counts_as_spinning(program: LoopProgram, tmp_path: Path) -> None:
    held = hold(program, tmp_path)
    assert program.true_spin[0] <= held.true <= program.true_spin[1], "the program is not what it should be"
    assert held.points <= BOUND_POINTS, f"true {held.true:.3f}, found {held.found:.3f}"
