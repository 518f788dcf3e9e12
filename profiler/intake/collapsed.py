"""Collapsed stacks: a line a call chain, the thread's start first, `a;b;c 12`.

Source of the format: https://github.com/brendangregg/FlameGraph (stackcollapse-*.pl). Its annotations `_[k]`
(kernel) and `_[j]`, `_[i]` (JIT, inlined) are read; so are `[libfoo.so]` for a function without a name, and
`0x...` behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from profiler.intake.intake_error import IntakeError
from profiler.intake.taken import LeftOutCounts, Taken
from profiler.run.imported import COLLAPSED
from profiler.run.kinds import Kind, kind_frame
from profiler.trace.trace_builder import NO_TIME, TraceBuilder
from profiler.trace.validate import MOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVENT = "samples"
KERNEL = "[kernel.kallsyms]"
_LINE = re.compile(rb"(?P<chain>.*\S)\s+(?P<count>\d{1,15})(?:\.(?P<part>\d{1,9}))?\s*$", re.DOTALL)
_LIBRARY = re.compile(r"\[(?P<library>[^\[\]<> ]+\.so[.\d]*|[\w.-]+)(?: <(?P<address>[0-9a-f]{1,16})>)?\]")
_ANNOTATION = re.compile(r"_\[[kijw]\]$")
_KINDS = frozenset(map(kind_frame, Kind))
"""Frames of what ortprof exported, innermost or outermost in each chain."""
_DECIMALS = 3
"""Of the microseconds that it exports: nanoseconds."""


def is_line(line: bytes) -> bool:
    """Whether a line is one of collapsed stacks."""
    return _LINE.match(line) is not None


def take(lines: Iterable[bytes]) -> Taken:
    """Read a whole text; `IntakeError` at the first line that is none of the format's.

    Counts with a decimal point are rounded, but for those that ortprof itself exported: CPU time.
    """
    builder, left_out = TraceBuilder(), LeftOutCounts()
    event = builder.event(EVENT)
    threads: dict[str, int] = {}
    ours: bool | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(b"#"):
            continue
        match = _LINE.match(line)
        if match is None or int(match["count"]) > MOST:
            raise IntakeError("not a line of collapsed stacks: `a;b;c 12`", line_number=number, text=line)
        names = match["chain"].decode(errors="replace").split(";")
        ours = _is_ours(names, match["part"]) if ours is None else ours
        weight = _nanoseconds(match) if ours else _rounded(match)
        tid = threads.setdefault(names[0], len(threads) + 1)
        builder.name_thread(tid, names[0])
        if not weight:
            left_out.add("stacks that count nothing", number, line)
            continue
        chain = [_frame(builder, name) for name in reversed(names)]
        builder.sample(
            time_ns=NO_TIME, tid=tid, cpu=-1, event=event, weight=weight, stack=builder.stack(chain)
        )
    if not builder.samples:
        raise IntakeError("no stack in it", line_number=1, text=b"")
    return Taken(
        builder.trace(),
        COLLAPSED,
        in_nanoseconds=bool(ours),
        timed=False,
        counted=not ours,
        left_out=left_out.all(),
        cut_samples=builder.cut_samples,
    )


def _is_ours(names: Sequence[str], part: bytes | None) -> bool:
    """Whether ortprof exported a line with such a chain and such decimals."""
    return part is not None and len(part) == _DECIMALS and not _KINDS.isdisjoint((names[0], names[-1]))


def _nanoseconds(match: re.Match[bytes]) -> int:
    return int(match["count"] + (match["part"] or b"").ljust(_DECIMALS, b"0")[:_DECIMALS])


def _rounded(match: re.Match[bytes]) -> int:
    return int(match["count"]) + (match["part"] or b"0").startswith((b"5", b"6", b"7", b"8", b"9"))


def _frame(builder: TraceBuilder, name: str) -> int:
    if name.endswith("_[k]"):
        return builder.frame(0, name[:-4], KERNEL)
    library = _LIBRARY.fullmatch(name)
    if library is not None and name not in _KINDS:
        address = int(library["address"] or "0", 16)
        return builder.frame(address, None, None if library["library"] == "unknown" else library["library"])
    return builder.frame(0, _ANNOTATION.sub("", name), None)
