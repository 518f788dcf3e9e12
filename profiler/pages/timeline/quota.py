"""A CPU limit's quota, period by period: the strip under the timeline, and its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.findings import formats
from profiler.pages.base.packed import pack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.analysis import Analysis, Profile
    from profiler.run.throttling import Period


US = 1_000
THOUSAND = 1_000
MOST_PERIODS = 5_000
MOST_USED = 1_000 * THOUSAND
"""More of a quota than that nothing can use: a period has not so many CPUs."""
EDGES = (0, 500, 950)
"""Thousandths of the quota at which the table's rows begin."""
LABELS = ("below half of it", "half of it and more", "95 % of it and more")


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """Periods that used about as much."""

    label: str
    periods: str
    share: str
    """Of all periods."""
    throttled: str


@dataclass(frozen=True, slots=True)
class Quota:
    """What the page shows of a limit over time."""

    about: dict[str, float]
    """`quota_ms` in each `period_ms`."""
    columns: dict[str, str]
    """In microseconds: `quota.gap` (since the last period's end) and `.span` of each period, `.used`
    (thousandths of the quota * 2 + throttled); `stopped.gap` and `.span` of each throttled stretch."""
    sentence: str
    rows: tuple[QuotaRow, ...]
    merged: bool
    """Whether there were so many that neighbours are drawn as one."""


def quota(analysis: Analysis, profile: Profile, bounds: tuple[int, int]) -> Quota | None:
    """Return the quota's use in the profile phase, with its begin and end (ns); None without a limit."""
    limit, throttling = analysis.manifest.limit, profile.throttling
    if limit is None or throttling is None:
        return None
    begin_ns, end_ns = bounds
    period_us, quota_us = limit.period_us, max(1, limit.quota_us)
    times = _period_times(throttling.periods, bounds, period_us)
    shares = np.array([period.cpu_ns / quota_us for period in throttling.periods])  # ns / us: thousandths
    used = np.rint(np.clip(shares, 0, MOST_USED)).astype(np.int64)
    throttled = np.array([period.throttled for period in throttling.periods], np.int64)
    stretches = throttling.stretches
    if profile.off_cpu is not None:
        exact = profile.off_cpu.waits.stretches
        stretches = list(zip(exact.begin_ns.tolist(), exact.end_ns.tolist(), strict=True))
    spans = _clipped(stretches, bounds)
    drawn, spans_drawn = _merge(times, used, throttled), _join(spans, (end_ns - begin_ns) // US)
    columns = {
        **_gaps("quota", drawn[:, 0], drawn[:, 1]),
        "quota.used": pack(drawn[:, 2] * 2 + drawn[:, 3]),
        **_gaps("stopped", spans_drawn[:, 0], spans_drawn[:, 1]),
    }
    return Quota(
        {"quota_ms": quota_us / THOUSAND, "period_ms": period_us / THOUSAND},
        columns,
        _sentence(used, throttled, spans, quota_us / THOUSAND, period_us / THOUSAND),
        tuple(_rows(used, throttled)),
        len(times) > MOST_PERIODS,
    )


def _period_times(periods: Sequence[Period], bounds: tuple[int, int], period_us: int) -> Column:
    """Return (begin, end) of each period, in microseconds from the phase's begin.

    A period counts only while there is something to run, so one begins no earlier than its length before
    its end.
    """
    ends = _clipped([(period.end_ns, period.end_ns) for period in periods], bounds)[:, 1]
    return np.stack([np.maximum(ends - period_us, np.concatenate(([0], ends[:-1]))), ends], axis=1)


def _clipped(spans_ns: Sequence[tuple[int, int]], bounds: tuple[int, int]) -> Column:
    begin_ns, end_ns = bounds
    clipped = [[(min(max(time, begin_ns), end_ns) - begin_ns) // US for time in span] for span in spans_ns]
    return np.array(clipped, np.int64).reshape(-1, 2)


def _merge(times: Column, used: Column, throttled: Column) -> Column:
    """Return (begin, end, used, throttled) of what is drawn: runs of neighbours where there are too many."""
    columns = np.column_stack([times, used, throttled])
    if len(columns) <= MOST_PERIODS:
        return columns
    cuts = np.linspace(0, len(columns), MOST_PERIODS, endpoint=False).astype(np.int64)
    counts = np.diff(np.append(cuts, len(columns)))
    last = np.append(cuts[1:], len(columns)) - 1
    mean = np.rint(np.add.reduceat(used, cuts) / counts).astype(np.int64)
    return np.column_stack([times[cuts, 0], times[last, 1], mean, np.maximum.reduceat(throttled, cuts)])


def _join(spans: Column, phase_us: int) -> Column:
    """Join stretches that are closer than can be seen of the whole phase, where there are too many."""
    if len(spans) <= MOST_PERIODS:
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] > phase_us // MOST_PERIODS
    return np.column_stack(
        [spans[np.concatenate(([True], apart)), 0], spans[np.concatenate((apart, [True])), 1]]
    )


def _gaps(name: str, begin: Column, end: Column) -> dict[str, str]:
    gap = np.maximum(0, begin - np.concatenate(([0], end[:-1])))
    return {f"{name}.gap": pack(gap), f"{name}.span": pack(np.maximum(0, end - begin))}


def _sentence(used: Column, throttled: Column, spans: Column, quota_ms: float, period_ms: float) -> str:
    ran = f"The process ran in {formats.count(len(used), 'period')} of {period_ms:g} ms"
    if not len(used):
        return f"{ran}."
    mean = formats.ms(float(used.mean()) * quota_ms / THOUSAND)
    said = f"{ran}, used {mean} of {formats.ms(quota_ms)} on average and was throttled in {throttled.sum():,}"
    lengths = (spans[:, 1] - spans[:, 0]) / US
    if not len(lengths):
        return f"{said}."
    times, total = formats.count(len(lengths), "time"), formats.seconds(float(lengths.sum()) / THOUSAND)
    return (
        f"{said}: it stood still {times}, {total} in all, {formats.ms(float(lengths.max()))} at the longest."
    )


def _rows(used: Column, throttled: Column) -> list[QuotaRow]:
    which = np.digitize(used, EDGES) - 1
    counts = np.bincount(which, minlength=len(EDGES))
    stopped = np.bincount(which, weights=throttled, minlength=len(EDGES))
    return [
        QuotaRow(label, f"{count:,}", formats.percent(count / max(1, len(used))), f"{stop:,.0f}")
        for label, count, stop in zip(LABELS, counts.tolist(), stopped.tolist(), strict=True)
    ]
