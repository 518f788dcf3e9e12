from __future__ import annotations

import pytest

from profiler.intake.libraries import Library
from profiler.intake.perf_data import mapped

BEFORE = "    0 PERF_RECORD_MMAP2 11379/11380: [0x55c379495000(0x1000) @ "


KERNEL = "    0 PERF_RECORD_MMAP -1/0: [0xffffffff81000000(0x1209988) @ 0xffffffff81000000]: x [kernel]_text"


@pytest.mark.parametrize(
    ("line", "library"),
    [
        (
            BEFORE + "0x1000 fe:00 267 0]: r-xp /usr/bin/a program (1)",
            Library("/usr/bin/a program (1)", None),
        ),
        (BEFORE + "0 <ab12cd>]: r-xp /opt/lib.so", Library("/opt/lib.so", "ab12cd")),
        (BEFORE + "0x1000 fe:00 26723 0]: r--p /usr/bin/python", None),
        (BEFORE + "0 00:00 0 0]: r-xp //anon", None),
        (BEFORE + "0 00:00 0 0]: r-xp [vdso]", None),
        (KERNEL, None),
        (" 1234 ", None),
    ],
)
def test_mappings_of_code(line: str, library: Library | None) -> None:
    assert mapped(line) == library
