from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.symbols.effects import Effect, effect_of, registers


@pytest.mark.parametrize(
    ("mnemonic", "operands", "read", "stored"),
    [
        ("mov", "eax, dword ptr [rip + 0x2cea]", "rip + 0x2cea", ""),
        ("mov", "dword ptr [rip + 0x2c44], 0", "", "rip + 0x2c44"),
        ("cmp", "dword ptr [rbx], 0", "rbx", ""),
        ("lock cmpxchg", "byte ptr [rcx], bpl", "rcx", "rcx"),
        ("xchg", "byte ptr [rip + 0x2edd], al", "rip + 0x2edd", "rip + 0x2edd"),
        ("add", "dword ptr [rsp + 8], 1", "rsp + 8", "rsp + 8"),
        ("lea", "rdx, [rax + rax*4]", "", ""),
        ("nop", "dword ptr [rax]", "", ""),
        ("test", "eax, eax", "", ""),
        ("ldar", "w0, [x1]", "x1", ""),
        ("str", "w0, [x1, #8]", "", "x1, #8"),
        ("stlr", "w0, [x1]", "", "x1"),
        ("stlxr", "w2, w0, [x1]", "x1", "x1"),
    ],
)
def test_what_is_read_and_stored(mnemonic: str, operands: str, read: str, stored: str) -> None:
    done = effect_of(mnemonic, operands)
    assert (done.read, done.stored) == (read, stored)


def test_counters_atomics_and_vectors() -> None:
    def facts(mnemonic: str, operands: str) -> tuple[bool, bool, bool]:
        done: Effect = effect_of(mnemonic, operands)
        return done.is_counter, done.is_atomic, done.computes

    assert facts("add", "qword ptr [rbx + 8], 1") == (True, False, False)
    assert facts("inc", "dword ptr [rbx]") == (True, False, False)
    assert facts("add", "qword ptr [rbx + 8], rdx") == (False, False, False)
    assert facts("lock xadd", "dword ptr [rdi], eax") == (False, True, False)
    assert facts("casal", "w0, w1, [x2]") == (False, True, False)
    assert facts("vfmadd231ps", "zmm0, zmm1, zmmword ptr [rax]") == (False, False, True)
    assert facts("pxor", "xmm0, xmm0") == (False, False, False)


@pytest.mark.parametrize(
    ("mnemonic", "operands", "target", "sources"),
    [
        ("mov", "rax, rbx", "rax", ("rbx",)),
        ("xor", "rax, rbx", "rax", ("rax", "rbx")),
        ("xor", "eax, eax", "rax", ()),
        ("sub", "edx, 1", "rdx", ("rdx",)),
        ("lea", "r9, [rbp + rdx + 0x180]", "r9", ("rbp", "rdx")),
        ("cmp", "r12d, r15d", "", ("r12", "r15")),
        ("push", "rbx", "", ("rbx",)),
        ("add", "x0, x1, x2", "x0", ("x1", "x2")),
    ],
)
def test_what_registers_are_made_of(
    mnemonic: str, operands: str, target: str, sources: tuple[str, ...]
) -> None:
    done = effect_of(mnemonic, operands)
    assert (done.target, done.sources) == (target, sources)


def test_registers_go_by_their_widest_form() -> None:
    assert registers("al, ebx, cx, dh, sil, r8d, r10b, esp, w3, x4, xmm1, ymm2, rip + 8") == [
        "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r10", "rsp", "x3", "x4", "xmm1", "xmm2",
    ]  # fmt: skip


@given(st.text("lockxadmvps ", max_size=12), st.text("raxewsp0189[]+*,# -xz", max_size=40))
def test_whatever_capstone_says_is_no_error(mnemonic: str, operands: str) -> None:
    done = effect_of(mnemonic, operands)
    assert not (done.is_counter and not done.stored)
    assert all(registers(name) == [name] for name in (done.target, *done.sources) if name)
