from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from profiler.listing.instructions import HOTTEST, Marks, choose, show
from profiler.symbols.disassemble import Instruction

if TYPE_CHECKING:
    from profiler.listing.listing import InstructionLine


def code(count: int, pause: int | None = None) -> list[Instruction]:
    """Return one-byte instructions from address 0x1000 on."""
    return [
        Instruction(0x1000 + i, b"\x90", "pause" if i == pause else "nop", "", i == pause, False, False, None)
        for i in range(count)
    ]


def hottest(instructions: list[Instruction], spent: dict[int, float]) -> list[InstructionLine]:
    return show(instructions, choose(instructions, spent), spent, Marks(), {})


def test_the_hottest_are_chosen_in_order_of_address() -> None:
    lines = hottest(code(100), {0x1000 + i: float(i) for i in range(100)})
    assert [line.address for line in lines] == list(range(0x1000 + 100 - HOTTEST, 0x1000 + 100))
    assert lines[-1].share == pytest.approx(99 / sum(range(100)))
    assert [line.gap for line in lines] == [True] + [False] * (HOTTEST - 1)


def test_the_pause_before_a_hot_instruction_is_shown_with_it() -> None:
    lines = hottest(code(20, pause=9), {0x100A: 90.0, 0x1002: 10.0})
    assert [(line.address, line.spins, line.gap) for line in lines] == [
        (0x1002, False, True),
        (0x1009, True, True),
        (0x100A, False, False),
    ]
    assert lines[1].share == 0


def test_all_of_them_with_their_marks_and_source_lines() -> None:
    marks = Marks(frozenset({1}), frozenset({2}), {2: "futex_wait"})
    spent = {0x1001: 3.0, 0x1003: 1.0}
    lines = show(code(4), choose(code(4), spent, most=None), spent, marks, {0x1001: 17})
    assert [line.share for line in lines] == [0, 0.75, 0, 0.25]
    assert not any(line.gap for line in lines)
    assert [(line.loop, line.waits, line.calls, line.source) for line in lines] == [
        (False, False, "", 0),
        (True, False, "", 17),
        (False, True, "futex_wait", 0),
        (False, False, "", 0),
    ]


def test_samples_elsewhere_choose_nothing() -> None:
    assert choose(code(3), {0x2000: 1.0}) == []
