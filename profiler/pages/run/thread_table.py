"""The table of threads: what each did, and how long it polled after requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.function_names import shorten
from profiler.run.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.findings.threads import SampledThread
    from profiler.pages.run.tail import Tails

MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class ThreadPart:
    """One kind's part of a thread's CPU time; x and width in percent of the busiest thread's."""

    kind: str
    x: float
    width: float
    share: str


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """One thread."""

    label: str
    tid: int
    ms: float
    share: str
    parts: tuple[ThreadPart, ...]


def thread_table(threads: Sequence[SampledThread]) -> list[ThreadRow]:
    """Return the threads with what they did; the first `MOST_ROWS` of them."""
    total = sum(thread.cpu_ns for thread in threads)
    widest = max((thread.cpu_ns for thread in threads), default=0.0)
    rows = []
    for thread in threads[:MOST_ROWS]:
        parts, x = [], 0.0
        for kind, cpu_ns in zip(KINDS, thread.by_kind, strict=True):
            width = 100 * cpu_ns / widest if widest else 0.0
            if width:
                parts.append(ThreadPart(kind.value, x, width, formats.percent(cpu_ns / thread.cpu_ns)))
            x += width
        rows.append(
            ThreadRow(
                shorten(thread.label),
                thread.tid,
                thread.cpu_ns / 1e6,
                formats.percent(thread.cpu_ns / total if total else 0.0),
                tuple(parts),
            )
        )
    return rows


def tail_sentences(tails: Tails | None) -> list[str]:
    """Say how long pool threads polled after requests."""
    if tails is None:
        return ["No pool thread was seen polling after a request."]
    ms = formats.ms
    window = (
        f"After a request, a pool thread went on polling for {ms(tails.wall_p50_ms)} (median; longest "
        f"{ms(tails.wall_max_ms)}) and spent {ms(tails.cpu_p50_ms)} of CPU time on it (median): the spin "
        "window of this ONNX Runtime on this processor. "
        f"Measured on {formats.count(tails.count, 'tail')}, from a request's end to the last polling sample; "
        f"samples come every {ms(tails.resolution_ms)}, so each may be that much longer."
    )
    if tails.cut_short:
        lasted = f"{formats.count(tails.cut_short, 'tail')} lasted until the next request began"
        return [window, f"{lasted}: there the window is longer than could be seen."]
    return [window]
