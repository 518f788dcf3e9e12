"""Machine code that is searched for as bytes, by name.

Sources: Intel SDM volume 2 (opcodes; tables 2-2 and 2-3 for ModRM and SIB), AMD APM volume 3 (MWAITX), Arm
Architecture Reference Manual, section C6.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from profiler.arrays import Bools


# x86-64
CALL_REL32, JMP_REL32 = 0xE8, 0xE9
JCC_REL8, JMP_REL8 = 0x70, 0xEB
"""The opcode of Jcc rel8 without its condition, the lower half of the byte; JMP rel8."""
REL8_SIZE = 2
JCC_REL32 = 0x80
JCC_REL32_SIZE = 6
"""After ESCAPE: Jcc rel32 without its condition; the length of all of it."""
REL32_SIZE = 5
"""CALL rel32 and JMP rel32: the opcode and the distance from the instruction's end."""
GROUP_5 = 0xFF
"""The opcode of CALL r/m64 (ModRM.reg = 2), JMP r/m64 (4) and others."""
GROUP_5_CALL = 2
MODRM_RIP_CALL, MODRM_RIP_JMP = 0x15, 0x25
"""ModRM of CALL and JMP [rip + disp32]."""
MOD_REGISTER, MOD_NO_DISPLACEMENT = 3, 0
RM_SIB, RM_RIP = 4, 5
"""ModRM.rm of a SIB byte; of a 32-bit displacement from rip, when mod is 0."""
PAUSE = (0xF3, 0x90)
ESCAPE = 0x0F
GROUP_15 = 0xAE
"""After ESCAPE: TPAUSE (prefix 66) and UMWAIT (F2), with the ModRM bytes below, among others."""
GROUP_15_WAIT = (0xF0, 0xF7)
MWAITX = (0x01, 0xFB)
"""After ESCAPE."""


class Word(NamedTuple):
    """An aarch64 instruction: the fixed bits of its word."""

    mask: int
    value: int

    def matches(self, words: npt.NDArray[np.integer]) -> Bools:
        """Tell which words are this instruction."""
        matching: Bools = (words & self.mask) == self.value
        return matching


A64_SIZE = 4
YIELD = Word(0xFFFFFFFF, 0xD503203F)
WFE = Word(0xFFFFFFFF, 0xD503205F)
WFET = Word(0xFFFFFFE0, 0xD5031000)
ISB = Word(0xFFFFF0FF, 0xD50330DF)
BL = Word(0xFC000000, 0x94000000)
B_OR_BL = Word(0x7C000000, 0x14000000)
B = Word(0xFC000000, 0x14000000)
B_COND = Word(0xFF000010, 0x54000000)
CBZ = Word(0x7E000000, 0x34000000)
"""CBZ and CBNZ."""
TBZ = Word(0x7E000000, 0x36000000)
"""TBZ and TBNZ."""
BLR = Word(0xFFFFFC1F, 0xD63F0000)
BLR_AUTHENTICATED = Word(0xFEFFF800, 0xD63F0800)
"""BLRAA, BLRAAZ, BLRAB, BLRABZ."""
ADRP_X16 = Word(0x9F00001F, 0x90000010)
LDR_X17_X16 = Word(0xFFC003FF, 0xF9400211)
"""ADRP X16 and LDR X17, [X16, offset] load a PLT stub's target (AAELF64, "Procedure linkage table")."""
BTI_C = Word(0xFFFFFFFF, 0xD503245F)
