"""The thread timeline's data: what each thread was doing when, and the requests, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.pages.base.packed import pack
from profiler.run.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.run.request import Request


US = 1_000
SLACK = 0.5
"""Samples of one kind join when the gap between them is at most this part of a sample's time."""
MOST_REQUESTS = 5_000
FIRST_BIN_US = 2_000
LONGER = 1.5
"""By how much to widen the resolution when the data is over budget."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Times in which a thread did one thing, in microseconds from the phase's start; rising, disjoint."""

    begin: Column
    end: Column
    kind: Column


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the page's script reads, and what was given up to stay within the budget."""

    us: int
    """The phase's length."""
    columns: dict[str, str]
    segments: int
    resolution_us: int
    """0 where every sample is drawn; else the bins that samples were merged into."""
    merged_requests: bool


def timeline(
    attribution: Attribution,
    thread: Column,
    requests: Sequence[Request],
    bounds: tuple[int, int],
    limit: int,
) -> Timeline:
    """Return the timeline's data in at most about `limit` bytes.

    `thread` is each sample's thread (every index up to the largest has samples), `bounds` the phase's begin
    and end (ns). Columns, in microseconds: for each thread `lane.N.gap` (since the last segment's end) and
    `.span` (length * kinds + kind); `request.start` (since the one before), `.late` and `.span`, to its end.
    """
    begin_ns, end_ns = bounds
    rows = [np.flatnonzero(thread == number) for number in range(int(thread.max(initial=-1)) + 1)]
    parts = [samples_as_segments(attribution, mine, begin_ns) for mine in rows]
    resolution = 0
    while True:
        columns = {name: text for lane, part in enumerate(parts) for name, text in _lane(lane, part)}
        if sum(map(len, columns.values())) <= limit or resolution * US >= end_ns - begin_ns:
            break
        resolution = max(FIRST_BIN_US, int(resolution * LONGER))
        parts = [bins_as_segments(attribution, mine, begin_ns, resolution) for mine in rows]
    windows, merged = request_columns(requests, begin_ns)
    return Timeline(
        max(1, (end_ns - begin_ns) // US),
        columns | windows,
        sum(len(part.begin) for part in parts),
        resolution,
        merged,
    )


def samples_as_segments(attribution: Attribution, mine: Column, begin_ns: int) -> Segments:
    """Let each sample of one thread stand for the CPU time before it, and join neighbours of a kind."""
    length = np.maximum(1, np.rint(attribution.cpu_ns[mine] / US).astype(np.int64))
    end = np.maximum(1, (attribution.time_ns[mine] - begin_ns) // US)
    end = np.maximum.accumulate(end) if len(end) else end
    before = np.concatenate([[0], end[:-1]])
    begin = np.maximum(np.maximum(end - length, before), 0)
    alive = end > begin
    begin, end, length = begin[alive], end[alive], length[alive]
    return _join(begin, end, attribution.kind[mine][alive], (length * SLACK).astype(np.int64))


def bins_as_segments(attribution: Attribution, mine: Column, begin_ns: int, bin_us: int) -> Segments:
    """Give each bin of time the kind that took most of it, for as long as the thread ran in it."""
    where = np.maximum(0, attribution.time_ns[mine] - begin_ns) // (bin_us * US)
    bins, index = np.unique(where, return_inverse=True)
    cell = index.reshape(-1) * len(KINDS) + attribution.kind[mine]
    table = np.bincount(cell, weights=attribution.cpu_ns[mine], minlength=len(bins) * len(KINDS))
    table = table.reshape(len(bins), len(KINDS))
    busy = np.clip(np.rint(table.sum(axis=1) / US), 1, bin_us).astype(np.int64)
    busy[busy > bin_us * (1 - SLACK / 5)] = bin_us
    begin = bins * bin_us
    return _join(begin, begin + busy, table.argmax(axis=1), np.zeros(len(bins), np.int64))


def _join(begin: Column, end: Column, kind: Column, slack: Column) -> Segments:
    if not len(begin):
        return Segments(begin, end, kind)
    apart = (kind[1:] != kind[:-1]) | (begin[1:] - end[:-1] > slack[1:])
    first = np.concatenate([[True], apart])
    last = np.concatenate([apart, [True]])
    return Segments(begin[first], end[last], kind[first])


def _lane(lane: int, part: Segments) -> list[tuple[str, str]]:
    gap = part.begin - np.concatenate([[0], part.end[:-1]]) if len(part.begin) else part.begin
    span = (part.end - part.begin) * len(KINDS) + part.kind
    return [(f"lane.{lane}.gap", pack(gap)), (f"lane.{lane}.span", pack(span))]


def request_columns(requests: Sequence[Request], begin_ns: int) -> tuple[dict[str, str], bool]:
    """Return the requests by start; above `MOST_REQUESTS`, runs of neighbours as one. Say whether merged."""
    ordered = sorted(requests, key=lambda request: (request.start_ns, request.end_ns))
    times = np.array([(r.scheduled_ns, r.start_ns, r.end_ns) for r in ordered], np.int64).reshape(-1, 3)
    times = np.maximum(0, (times - begin_ns) // US)
    merged = len(times) > MOST_REQUESTS
    if merged:
        cuts = np.linspace(0, len(times), MOST_REQUESTS, endpoint=False).astype(np.int64)
        times = np.stack(
            [
                np.minimum.reduceat(times[:, 0], cuts),
                times[cuts, 1],
                np.maximum.reduceat(times[:, 2], cuts),
            ],
            axis=1,
        )
    start = times[:, 1]
    columns = {
        "request.start": pack(np.diff(start, prepend=0)),
        "request.late": pack(np.maximum(0, start - times[:, 0])),
        "request.span": pack(np.maximum(0, times[:, 2] - start)),
    }
    return columns, merged
