from __future__ import annotations

import pytest

from profiler.report.instructions import HOTTEST, choose
from profiler.symbols.disassemble import Instruction


def code(count: int, pause: int | None = None) -> list[Instruction]:
    """Return one-byte instructions from address 0x1000 on."""
    return [
        Instruction(0x1000 + i, b"\x90", "pause" if i == pause else "nop", "", i == pause, False, False, None)
        for i in range(count)
    ]


def test_the_hottest_are_chosen_in_order_of_address() -> None:
    listing = choose("f", "l", code(100), {0x1000 + i: float(i) for i in range(100)})
    assert [line.address for line in listing.lines] == list(range(0x1000 + 100 - HOTTEST, 0x1000 + 100))
    assert listing.lines[-1].share == pytest.approx(99 / sum(range(100)))
    assert [line.gap for line in listing.lines] == [True] + [False] * (HOTTEST - 1)


def test_the_pause_before_a_hot_instruction_is_shown_with_it() -> None:
    listing = choose("f", "l", code(20, pause=9), {0x100A: 90.0, 0x1002: 10.0})
    assert [(line.address, line.spins, line.gap) for line in listing.lines] == [
        (0x1002, False, True),
        (0x1009, True, True),
        (0x100A, False, False),
    ]
    assert listing.lines[1].share == 0


def test_samples_elsewhere_give_no_lines_but_a_reason() -> None:
    listing = choose("f", "l", code(3), {0x2000: 1.0})
    assert listing.lines == []
    assert "no sample fell" in listing.why
