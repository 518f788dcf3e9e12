"""How much of a thread's stack perf copies, by what more of it buys (docs/accuracy.md, "How much stack").

A chain can be unwound as far as the copy reaches. Pool threads are shallow; a thread that calls Run from
Python has some 5 kB below Run, and the interpreter's frames above.
"""

from __future__ import annotations

SWITCH_STACK_BYTES = 4096
"""Where a thread leaves the CPU: all of a pool thread's; twice as much buys nothing for calling threads, four
times as much would delay each of many switches."""
SMALL_BUFFERS_BYTES = 8192
"""With a sample, where perf may have small buffers alone: larger ones would fill them, and be lost."""
WHOLE_BYTES = 16384
"""With a sample, elsewhere: a calling thread's whole stack, of a release build."""
UNOPTIMISED_BYTES = 32768
"""With a sample of a build with debug information, which may be -O0: frames are large and stacks deep."""


def sample_stack_bytes(symbols: str, buffer_pages: int | None) -> int:
    """Return what a sample copies. `symbols`: as in `OrtBuild`; `buffer_pages`: None for perf's default."""
    if symbols == "dwarf":
        return UNOPTIMISED_BYTES
    return SMALL_BUFFERS_BYTES if buffer_pages is None else WHOLE_BYTES
