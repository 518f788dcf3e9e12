"""Where requests' wall time went along the calling thread: bars and their table, in percent and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.typography import capital
from profiler.findings.vocabulary import (
    MEANWHILE_MEANINGS,
    MEANWHILE_NAMES,
    PART_MEANINGS,
    PART_NAMES,
    PART_PATTERNS,
    UNTRACED_WAKE_UPS,
)
from profiler.pages.chart.bars import Bar, BarPart
from profiler.run.kinds import Meanwhile, Part
from profiler.run.sections.request_section import RequestSplit
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.sections.request_section import RequestFigures
    from profiler.run.summary import Summary


@dataclass(frozen=True, slots=True)
class RequestPartRow:
    """One part of the wall time, of which some bar has any; a cell for each bar."""

    name: str
    meaning: str
    pattern: str
    """Empty for what the workers did, which the bars do not show."""
    cells: tuple[str, ...]
    share: str
    """Of the mean wall time."""


@dataclass(frozen=True, slots=True)
class RequestTime:
    """The section's content."""

    bars: tuple[Bar, ...]
    parts: tuple[RequestPartRow, ...]
    waited: RequestPartRow | None
    """What of it the calling thread waited for the workers, the sum of `meanwhile`; None where it did not."""
    meanwhile: tuple[RequestPartRow, ...]
    samples: tuple[str, ...]
    """How many samples the split rests on, for each bar."""
    notes: tuple[str, ...]


def request_time(summary: Summary) -> RequestTime | None:
    """Return the anatomy of the mean, the median and the p95 (else the slowest) request; None without."""
    request = available(summary.request)
    if request is None:
        return None
    columns = columns_of(request)
    shown = list(columns.values())
    longest = max(sum(column.by_kind.values()) for column in shown)
    waited = [sum(column.meanwhile.values()) for column in shown]
    return RequestTime(
        tuple(_bar(label, column, longest) for label, column in columns.items()),
        tuple(
            _row(
                PART_NAMES[part],
                PART_MEANINGS[part],
                _pattern(part),
                shown,
                [column.by_kind[part] for column in shown],
            )
            for part in Part
            if any(column.by_kind[part] for column in shown)
        ),
        _row("waited for the workers", "polled, or blocked; they were meanwhile", "", shown, waited)
        if any(waited)
        else None,
        tuple(
            _row(
                MEANWHILE_NAMES[what],
                MEANWHILE_MEANINGS[what],
                "",
                shown,
                [column.meanwhile[what] for column in shown],
            )
            for what in Meanwhile
            if any(column.meanwhile[what] for column in shown)
        ),
        tuple(f"{column.samples:,}" for column in shown),
        tuple(_notes(request)),
    )


def columns_of(request: RequestFigures) -> dict[str, RequestSplit]:
    """Return what the section lays side by side, by its heading: the mean request and single ones."""
    mean = RequestSplit(
        wall_ms=request.wall_ms.mean or 0.0,
        by_kind=request.by_kind,
        meanwhile=request.meanwhile,
        runnable_own_ms=request.runnable_own_ms,
        samples=request.samples,
        explained=not request.unexplained,
    )
    tail, of_tail = ("p95", request.p95) if request.p95 else ("slowest request", request.slowest)
    singles = {"mean": mean, "p50 request": request.p50, tail: of_tail}
    return {label: split for label, split in singles.items() if split is not None}


def _pattern(part: Part) -> str:
    return PART_PATTERNS.get(part, part.value)


def _bar(label: str, column: RequestSplit, longest: float) -> Bar:
    segments, x = [], 0.0
    for part in Part:
        spent = column.by_kind[part]
        width = 100 * spent / longest if longest else 0.0
        if width > 0:
            segments.append(BarPart(_pattern(part), x, width, f"{PART_NAMES[part]} {formats.ms(spent)}"))
        x += width
    return Bar(label, formats.ms(column.wall_ms), tuple(segments))


def _row(
    name: str, meaning: str, pattern: str, columns: Sequence[RequestSplit], spent_ms: Sequence[float]
) -> RequestPartRow:
    mean_wall = columns[0].wall_ms
    return RequestPartRow(
        name,
        meaning,
        pattern,
        tuple(formats.number(ms) for ms in spent_ms),
        formats.percent(spent_ms[0] / mean_wall) if mean_wall else formats.NOTHING,
    )


def _notes(request: RequestFigures) -> list[str]:
    """Say what the figures rest on, and how many requests they do not explain."""
    total, unexplained = request.requests, request.unexplained
    tolerance = formats.percent(request.tolerance)
    basis = (
        "Milliseconds along the calling thread, from the instant a request was scheduled to its end, of "
        f"{formats.count(total, 'request')} of the profile phase. When the thread was off the CPU is exact "
        "(context switches); what it did on the CPU is split by the samples there, so it is rough for a "
        "single request (by all requests' samples where it has none), as is what the workers did."
    )
    missing = f"No request misses more than {tolerance} of its wall time."
    if unexplained:
        missing = (
            f"{formats.count(unexplained, 'request')} of {total:,} could not be accounted for: more than "
            f"{tolerance} of the wall time is missing, as records of context switches are."
        )
    notes = [basis, missing]
    if not request.meanwhile_traced:
        notes.append(
            f"{capital(UNTRACED_WAKE_UPS)}, and workers that were being woken count as without work."
        )
    return notes
