"""Instructions of one function, with what a profiler of waiting loops asks about each.

Capstone decodes linearly from the function's start: on x86-64 that alone tells an instruction from the same
bytes inside another one. Bytes that Capstone doesn't know are skipped (5.0 lacks AVX-VNNI, for one); x86-64
code falls into step again after a few instructions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from profiler.symbols.elf import ElfFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.symbols.elf import ElfFile, Machine

SPIN_MNEMONICS: dict[Machine, frozenset[str]] = {
    "x86-64": frozenset({"pause", "tpause", "umwait", "mwaitx"}),
    "aarch64": frozenset({"yield", "isb", "wfe", "wfet"}),
    "other": frozenset(),
}
"""Instructions that only make sense in a polling loop: Intel SDM volume 2 (PAUSE, TPAUSE, UMWAIT), AMD APM
volume 3 (MWAITX), Arm ARM C6.2 (YIELD, WFE, WFET). ISB is a longer pause than YIELD on most arm64 cores, so
runtimes took to it (MySQL, Rust's spin_loop)."""
SYNCHRONIZED_MNEMONICS = frozenset({"dsb", "msr", "ic", "dc", "tlbi", "sys"})
"""An ISB right after one of these completes it (barrier, system register, cache maintenance): no pause."""

CALLS = frozenset({"call", "bl", "blr", "blraa", "blrab", "blraaz", "blrabz"})
X86_PREFIXES = frozenset({"bnd", "notrack", "lock", "rep", "repne", "data16"})
"""Words that Capstone puts before the mnemonic."""
OTHER_JUMPS = frozenset({"b", "br", "cbz", "cbnz", "tbz", "tbnz", "loop", "loope", "loopne"})


@dataclass(frozen=True, slots=True)
class Instruction:
    """One decoded instruction."""

    address: int
    """Virtual address."""
    data: bytes
    mnemonic: str
    operands: str
    is_spin: bool
    """A pause of a polling loop."""
    is_call: bool
    is_jump: bool
    """Any jump or branch, conditional or not, that is not a call."""
    target: int | None
    """Where a direct call or jump goes; None for indirect ones and for everything else."""


def disassemble(elf: ElfFile, start: int, end: int) -> list[Instruction]:
    """Decode the bytes between two virtual addresses, which should be a function's.

    `ElfFormatError` when the file holds no bytes there, or is of a machine other than x86-64 or aarch64.
    """
    return list(one_by_one(elf, start, end))


def one_by_one(elf: ElfFile, start: int, end: int) -> Iterator[Instruction]:
    """Decode as `disassemble` does, each when it is asked for: most questions end before the code does."""
    code = bytes(elf.memory_range(start, end - start))
    before = ""
    for address, size, mnemonic, operands in decode(elf, start, code):
        word = mnemonic.rsplit(" ", 1)[-1] if mnemonic.split(" ", 1)[0] in X86_PREFIXES else mnemonic
        is_call = word in CALLS
        is_jump = not is_call and _is_jump(elf.machine, word)
        yield Instruction(
            address,
            code[address - start : address - start + size],
            mnemonic,
            operands,
            is_spin(elf.machine, mnemonic, before),
            is_call,
            is_jump,
            _target(operands) if is_call or is_jump else None,
        )
        before = mnemonic


def decode(elf: ElfFile, start: int, code: bytes) -> Iterator[tuple[int, int, str, str]]:
    """(address, size, mnemonic, operands) of the instructions in `code`, which begins at `start`."""
    if elf.machine == "other":
        raise ElfFormatError(f"{elf.path}: only x86-64 and aarch64 code can be disassembled")
    yield from _decoder(elf.machine).disasm_lite(code, start)


def is_spin(machine: Machine, mnemonic: str, before: str) -> bool:
    """Whether an instruction is a pause, given its mnemonic and that of the instruction before it."""
    if mnemonic == "isb" and before in SYNCHRONIZED_MNEMONICS:
        return False
    return mnemonic in SPIN_MNEMONICS[machine]


@cache
def _decoder(machine: Machine) -> Any:
    import capstone  # noqa: PLC0415  a run that was decoded before needs none

    if machine == "x86-64":
        decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    else:
        decoder = capstone.Cs(capstone.CS_ARCH_ARM64, capstone.CS_MODE_ARM)
    decoder.skipdata = True
    return decoder


def _is_jump(machine: Machine, word: str) -> bool:
    if machine == "x86-64":
        return word.startswith("j") or word in OTHER_JUMPS
    return word in OTHER_JUMPS or word.startswith("b.")


def _target(operands: str) -> int | None:
    """Return the address in "0x1040", "#0x1040", "w0, #3, #0x1040"; None for a register or memory.

    Jumps below address 0, which damaged code may have, count as negative: addresses are signed here.
    """
    last = operands.rsplit(", ", 1)[-1].removeprefix("#")
    try:
        address = int(last, 0)
    except ValueError:
        return None
    return address if address < 1 << 63 else address - (1 << 64)
