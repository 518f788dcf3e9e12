"""What goes round and only looks: whether a register depends on all the rounds before."""

from __future__ import annotations

import pytest

from profiler.symbols.looking import only_looks, stack_registers, walks_to_store
from profiler.symbols.loops import find_rounds, read_flow
from tests.symbols.test_worker_round import read

BEGINS_LATE = """
0x100 mov eax, edi
0x102 mov edi, 1
0x107 lock cmpxchg byte ptr [r9], dil
0x10c mov edi, eax
0x10e je 0x200
0x114 cmp al, 3
0x116 jne 0x142
0x118 mov esi, dword ptr [r14]
0x11b lea r8d, [rsi - 1]
0x11f mov ecx, r8d
0x122 and ecx, 0x3ff
0x128 lea rdx, [rcx + rcx*4]
0x12c shl rdx, 3
0x130 lea r9, [rbx + rdx + 0x180]
0x138 movzx edi, byte ptr [r9]
0x13c cmp dil, 3
0x140 je 0x100
0x142 ret
"""
"""`RunQueue::PopBack` in libonnxruntime.so 1.32.0: it tries what the end of the round before looked up."""
WALKS = BEGINS_LATE.replace("mov esi, dword ptr [r14]", "mov esi, r8d")
"""The same, but each round counts on from the one before."""
FOLLOWS = BEGINS_LATE.replace("lea r9, [rbx + rdx + 0x180]", "mov r9, qword ptr [r9]")
"""The same, but along a list."""


@pytest.mark.parametrize(("listing", "looks"), [(BEGINS_LATE, True), (WALKS, False), (FOLLOWS, False)])
def test_what_a_round_looked_up_anew_is_not_carried(listing: str, looks: bool) -> None:
    code = [read(*line.split(" ", 2)) for line in listing.split("\n") if line]
    flow = read_flow(code)
    (part,) = find_rounds(flow, flow.reached())
    assert only_looks(code, flow, part, stack_registers(code), may_try=True) is looks


@pytest.mark.parametrize(("source", "walks"), [("qword ptr [r14]", False), ("r8", True)])
def test_storing_where_a_pointer_says_is_no_walk(source: str, walks: bool) -> None:
    lines = [
        "0x100 mov byte ptr [r8], 1",
        f"0x104 mov r8, {source}",
        "0x108 inc r8",
        "0x10c jne 0x100",
        "0x110 ret",
    ]
    code = [read(*line.split(" ", 2)) for line in lines]
    flow = read_flow(code)
    (part,) = find_rounds(flow, flow.reached())
    assert walks_to_store(code, flow, part, stack_registers(code)) is walks
