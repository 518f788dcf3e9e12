"""What one instruction reads and writes, as far as telling polling from work asks for it.

Read from Capstone's text, Intel syntax for x86-64: the first operand is written, but for comparisons.
Sources: Intel SDM volume 2; Arm Architecture Reference Manual, chapters C3.2 and C6.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profiler.symbols.disassemble import Instruction

WITHOUT_ACCESS = re.compile(r"nop|lea|prefetch\w*|prfm|clflush\w*|endbr64|hint")
"""Mnemonics whose memory operand is not read or written."""
COMPARES = re.compile(r"cmp|test|bt|v?u?comis[sd]|v?ptest|cmn|tst|f?ccmp|fcmpe?")
READS_FIRST = re.compile(
    r"cmp|test|bt|v?u?comis[sd]|v?ptest|push|call|jmp|i?div|mul|fld\w*|fild|ldmxcsr|verw"
)
"""x86-64 mnemonics that only read a memory operand in the first place."""
MOVES = re.compile(
    r"v?mov\w*|set\w+|pop|stos\w*|v?(extract|pextr)\w*|fi?stp?|fnstcw|stmxcsr"  # x86-64
    r"|ldu?r\w*|ldp\w*|ldar\w*|ldapr\w*|ldxr\w*|ldaxr\w*|movz|movn|uxt\w|sxt\w|cset\w*|adrp?|mrs"  # aarch64
)
"""What replaces its first operand by what it reads."""
CLOCKS = frozenset({"rdtsc", "rdtscp"})
"""Reads the processor's clock."""
A64_STORES = re.compile(r"st(u?r|p|np|lr|lur)[bh]?")
A64_ATOMICS = re.compile(r"(ld|st)a?l?x[rp][bh]?|st?l?xr[bh]?|(cas|casp|swp|ldadd|ldset|ldclr|ldeor)\w*")
COUNTS = frozenset({"add", "sub", "inc", "dec"})
COMPUTES = re.compile(
    r"v?p?(add|sub|mul|madd|div|sqrt|fmadd|fn?m(add|sub)|dp|max|min|hadd)\w*(ps|pd|[bwdq])|vp?fn?m\w+"
)
"""Packed and fused arithmetic: data is worked on, not looked at."""
REGISTER = re.compile(r"\b(r[a-z0-9]+|e?[abcd]x|[abcd][lh]|e?[sd]il?|e?[sb]pl?|[xw]\d+|sp|[xyz]mm\d+)\b")
IMMEDIATE = re.compile(r", -?(0x)?[0-9a-f]+$")
LEGACY = re.compile(r"[re]?([abcd])[xlh]")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an instruction does. Registers are named by their widest form: `rax`, `x0`."""

    read: str
    """The place in memory that is read, as it is written in the operand; empty for none."""
    stored: str
    """The place in memory that is written, by a plain store or an atomic operation; empty for none."""
    address: tuple[str, ...]
    """Registers that make up the address of either."""
    is_atomic: bool
    """Reads and writes in one, for all threads to see: an exchange, a compare-and-exchange."""
    is_counter: bool
    """Adds a constant to a number in memory."""
    is_constant: bool
    """Stores a constant that stands in the instruction."""
    computes: bool
    """Packed or fused arithmetic."""
    target: str
    """The register that is written; empty for none."""
    sources: tuple[str, ...]
    """Registers that are read, those of the address aside."""
    replaces: bool
    """`target` is all new: a move or a load, no arithmetic."""


@lru_cache(maxsize=65536)
def effect_of(mnemonic: str, operands: str) -> Effect:
    """Return what an instruction of either machine does, given its text."""
    word = mnemonic.rsplit(" ", 1)[-1]
    before, bracket, rest = operands.partition("[")
    place, _, behind = rest.partition("]")
    address = tuple(registers(place)) if bracket else ()
    accesses = bool(bracket) and not WITHOUT_ACCESS.fullmatch(word)
    first_is_memory = bool(bracket) and "," not in before
    exclusive = bool(A64_ATOMICS.fullmatch(word))
    atomic = accesses and ("lock" in mnemonic or word == "xchg" or exclusive)
    if accesses and A64_STORES.fullmatch(word):
        stores = True
    else:
        stores = atomic or (accesses and first_is_memory and not READS_FIRST.fullmatch(word))
    replaces = bool(MOVES.fullmatch(word)) or word == "lea"
    reads = accesses and (atomic or not stores or not replaces) and not A64_STORES.fullmatch(word)
    names = registers(before) + registers(behind)
    writes = not first_is_memory and not COMPARES.fullmatch(word) and not (stores and not exclusive)
    if word == "cmpxchg":
        target, sources = "rax", list[str]()
    elif word == "xchg":
        target, sources = names[-1] if names else "", []
    else:
        target = names[0] if writes and names and word != "push" else ""
        two_operands = bool(target) and not replaces and _is_x86(target)
        sources = names if two_operands or not target else names[1:]
    constant = word in ("inc", "dec") or bool(IMMEDIATE.search(behind))
    if word == "lea":
        sources = [*address]
    cleared = word in ("xor", "sub", "pxor", "xorps", "vpxor") and len(set(names)) == 1 and len(names) > 1
    return Effect(
        read=place if reads else "",
        stored=place if stores else "",
        address=address if accesses else (),
        is_atomic=atomic,
        is_counter=stores and word in COUNTS and constant,
        is_constant=stores and ((word == "mov" and constant) or before.startswith(("wzr", "xzr"))),
        computes=bool(COMPUTES.fullmatch(word)),
        target=target,
        sources=() if cleared else tuple(sources),
        replaces=replaces or cleared,
    )


def effect(instruction: Instruction) -> Effect:
    """Return what an instruction does."""
    return effect_of(instruction.mnemonic, instruction.operands)


def registers(text: str) -> list[str]:
    """Return the registers named in an operand's text, by their widest form."""
    return [_widest(name) for name in REGISTER.findall(text) if not name.startswith(("rip", "riz"))]


def _is_x86(register: str) -> bool:
    return register.startswith("r") or "mm" in register


def _widest(name: str) -> str:
    if name[0] in "xw" and name[1:].isdigit():
        return f"x{name[1:]}"
    if legacy := LEGACY.fullmatch(name):
        return f"r{legacy[1]}x"
    if name[-1] in "dwb" and name[0] == "r" and name[1].isdigit():
        return name[:-1]
    if "mm" in name:
        return f"xmm{name[3:]}"
    return name if name == "sp" or name[0] == "r" else f"r{name.lstrip('e').removesuffix('l')}"
