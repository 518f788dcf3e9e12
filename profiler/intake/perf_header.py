"""What perf notes of the machine and the events: the `# ...` lines that `perf script --header` prints.

Source of the format: `perf_header__fprintf_info` and the `print_*` functions in tools/perf/util/header.c.
The machine's name is there, too; it is not taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIELD = re.compile(r"# ([a-z ]+?) *: (.*)$")
_MEMORY = re.compile(r"(\d{1,15}) kB")
_FREQUENCY = re.compile(r"sample_freq(?: \})? = (\d{1,9})\b")
_BY_FREQUENCY = re.compile(r"[, ]freq = 1\b")
_UNTIMED = re.compile(r"\bsample_type = (?!\S*\bTIME\b)\S")
_TRACEPOINT = re.compile(r"[, ]type = 2\b")
_SECONDS = re.compile(r"(\d{1,9})\.(\d{6})")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class PerfHeader:
    """The lines that an import uses; empty and 0 where perf did not say."""

    kernel: str = ""
    perf: str = ""
    cpu: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    tracepoints: tuple[str, ...] = ()
    """Events that are places in the kernel."""
    frequencies: dict[str, int] = field(default_factory=dict)
    """Samples a second of each event that was sampled by frequency."""
    timed: bool = True
    """False where samples of an event have no times: `perf record --no-timestamp`."""
    span_ns: tuple[int, int] | None = None
    """The times of the first and the last sample, to the microsecond."""


def parse(lines: Iterable[str]) -> PerfHeader:
    """Read header lines; others are passed over.

    An event's is `name = cycles, , id = {...}, { sample_period, sample_freq } = 99, ..., freq = 1, ...`.
    """
    values: dict[str, str] = {}
    tracepoints: list[str] = []
    frequencies: dict[str, int] = {}
    timed = True
    for line in lines:
        match = _FIELD.match(line)
        if match is None:
            continue
        name, value = match[1], match[2].strip()
        if name == "event":
            called, _, attributes = value.removeprefix("name = ").partition(",")
            timed = timed and not _UNTIMED.search(attributes)
            if _TRACEPOINT.search(attributes):
                tracepoints.append(called.strip())
            frequency = _FREQUENCY.search(attributes)
            if frequency is not None and _BY_FREQUENCY.search(attributes):
                frequencies[called.strip()] = int(frequency[1])
        else:
            values.setdefault(name, value)
    memory = _MEMORY.match(values.get("total memory", ""))
    cpus = values.get("nrcpus avail", "")
    return PerfHeader(
        kernel=values.get("os release", ""),
        perf=values.get("perf version", ""),
        cpu=values.get("cpudesc", ""),
        cpus=int(cpus) if cpus.isdecimal() and len(cpus) < 7 else 0,  # noqa: PLR2004  digits of a count
        memory_bytes=int(memory[1]) * _KIB if memory else 0,
        tracepoints=tuple(tracepoints),
        frequencies=frequencies,
        timed=timed,
        span_ns=_span_ns(values.get("time of first sample", ""), values.get("time of last sample", "")),
    )


def _span_ns(first: str, last: str) -> tuple[int, int] | None:
    times = [_SECONDS.fullmatch(text) for text in (first, last)]
    span = [int(match[1]) * 10**9 + int(match[2]) * 1000 for match in times if match is not None]
    return (span[0], span[1]) if len(span) == len(times) and span[0] < span[1] else None
