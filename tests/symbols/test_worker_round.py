"""ONNX Runtime 1.32.0's worker: what goes round in it and only waits, instruction by instruction.

Between two looks at its queue it moves a `std::function` through vector registers, and a way round that its
back-off leaves open passes no pause. When that counted as work, two fifths of the polling did.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from profiler.symbols.disassemble import Instruction
from profiler.symbols.loops import Flow, read_flow
from profiler.symbols.poll_rule import Callee, Rounds, find_waiting

LISTING = Path(__file__).parent.parent / "data" / "asm" / "worker-round-1.32.0.txt"
SPIN_PAUSE, POP_FRONT = 0x152EF70, 0x151CF70
ROUND = 0x1531370
"""First instruction of the round over the spin count."""


@pytest.fixture(scope="module")
def code() -> list[Instruction]:
    """Read the listing."""
    lines = [line for line in LISTING.read_text().splitlines() if not line.startswith("#")]
    return [read(*line.split(" ", 2)) for line in lines]


def read(address: str, mnemonic: str, operands: str = "") -> Instruction:
    if mnemonic == "lock":
        word, operands = operands.split(" ", 1)
        mnemonic = f"lock {word}"
    is_call, is_jump = mnemonic == "call", mnemonic.startswith("j")
    direct = (is_call or is_jump) and operands.startswith("0x")
    target = int(operands, 16) if direct else None
    return Instruction(int(address, 16), b"", mnemonic, operands, False, is_call, is_jump, target)


def waiting(code: list[Instruction]) -> tuple[Flow, Rounds]:
    def callee(index: int) -> Callee | None:
        if not code[index].is_call or code[index].target is None:
            return None
        return {SPIN_PAUSE: Callee.PAUSES, POP_FRONT: Callee.LOOKS}.get(code[index].target or 0, Callee.WORKS)

    flow = read_flow(code)
    pauses = {index for index in range(len(code)) if callee(index) is Callee.PAUSES}
    return flow, find_waiting(code, flow, pauses, callee)


def test_the_whole_round_waits_but_not_what_it_takes_from_a_queue(code: list[Instruction]) -> None:
    flow, rounds = waiting(code)
    (loop,) = rounds.loops
    polling = {code[index].address for index in flow.instructions(loop.blocks)}
    assert min(polling) == ROUND
    looks = {one.address for one in code if one.target in (SPIN_PAUSE, POP_FRONT)}
    assert len(looks) == 3
    assert looks <= polling
    assert not any(one.address in polling for one in code if one.is_call and one.target is None)
    around = {code[index].address for index in flow.instructions(loop.around)}
    assert any(one.address in around for one in code if one.is_call and one.target is None)


def test_where_it_computes_from_what_it_moved_a_way_without_a_pause_works(code: list[Instruction]) -> None:
    """The same round, the halves of the moved function added up instead of put together."""
    changed = [
        dataclasses.replace(one, mnemonic="paddq") if one.mnemonic == "punpcklqdq" else one for one in code
    ]
    flow, rounds = waiting(changed)
    starts = {min(code[index].address for index in flow.instructions(loop.blocks)) for loop in rounds.loops}
    assert starts
    assert ROUND not in starts
