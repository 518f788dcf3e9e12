"""When which operator ran: ONNX Runtime's profile brought onto CLOCK_MONOTONIC, as stretches of time.

`get_profiling_start_time_ns()` is said to be comparable with `time.monotonic_ns()`. In wheels for Linux it
is CLOCK_REALTIME (1.12 to 1.32), because libstdc++'s `high_resolution_clock` is the system's clock. So
neither is trusted: the right one is that on which each call of `Run` lies within the request that made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.run.manifest import OperatorRecording
    from profiler.run.request import Request
    from profiler.trace.ort_profile import OrtProfile


TOLERANCE_NS = 50_000
"""By how much a call of `Run` may seem to stick out of its request: both clocks are read by programs that can
lose their CPU meanwhile."""
ROUNDING_NS = 2_000
"""By how much an inner operator may seem to outlast the outer one: begin and length are both rounded down."""


class ClockError(Exception):
    """No clock brings the profile and the requests together; the message says how far they are apart."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock that ONNX Runtime's profiler counted on."""

    name: str
    offset_ns: int
    """What to add to the profile's times."""
    runs: int
    """Requests that the profile covers, from the first on."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Disjoint stretches of time in order, each with the operator call that was the innermost one."""

    begin_ns: Column
    end_ns: Column
    event: Column
    """Index into the profile's events."""

    def at(self, time_ns: Column) -> Column:
        """Return the event at each instant, NONE between events."""
        if not self.begin_ns.size:
            return np.full(time_ns.shape, NONE, np.int64)
        row = np.searchsorted(self.begin_ns, time_ns, side="right") - 1
        inside = (row >= 0) & (time_ns < self.end_ns[row])
        return np.where(inside, self.event[row], NONE)


def find_clock(profile: OrtProfile, recording: OperatorRecording, requests: Sequence[Request]) -> Clock:
    """Return the clock on which every call of `Run` lies within its request; `ClockError` if none does.

    The session's first call is the workload's own, before the phase; after it, calls and requests pair up in
    order. Where the profiler stopped before the phase did, the last requests have no call.
    """
    calls = slice(1, 1 + len(requests))
    begin, length = profile.run_start_ns[calls], profile.run_duration_ns[calls]
    if not begin.size:
        raise ClockError("it holds no call of Run in the phase")
    covered = requests[: begin.size]
    start = np.array([request.start_ns for request in covered], np.int64)
    end = np.array([request.end_ns for request in covered], np.int64)
    to_monotonic = recording.monotonic_ns - recording.realtime_ns
    outside = []
    for name, offset in (
        ("CLOCK_MONOTONIC", recording.start_ns),
        ("CLOCK_REALTIME", recording.start_ns + to_monotonic),
    ):
        sticks_out = max(int((start - begin - offset).max()), int((begin + length + offset - end).max()))
        if sticks_out <= TOLERANCE_NS:
            return Clock(name, offset, int(begin.size))
        outside.append(f"{sticks_out / 1e6:,.3f} ms by {name}")
    raise ClockError(f"calls of Run lie outside of their requests: {', '.join(outside)}")


def stretches(profile: OrtProfile, clock: Clock, rows: Column) -> Stretches:
    """Return the innermost of the events `rows` at each instant; a subgraph's lie within their outer one."""
    begin = profile.start_ns[rows] + clock.offset_ns
    end = begin + profile.duration_ns[rows]
    order = np.lexsort((-end, begin))
    pieces: list[tuple[int, int, int]] = []
    open_events: list[tuple[int, int]] = []  # (end, event), the innermost last
    now = 0

    def close(until: int) -> None:
        nonlocal now
        last, event = open_events.pop()
        stop = min(last, until)
        if stop > now:
            pieces.append((now, stop, event))
            now = stop

    for first, last, event in zip(
        begin[order].tolist(), end[order].tolist(), rows[order].tolist(), strict=True
    ):
        while open_events and (open_events[-1][0] <= first or open_events[-1][0] + ROUNDING_NS < last):
            close(first)
        if open_events and first > now:
            pieces.append((now, first, open_events[-1][1]))
        now = max(now, first)
        open_events.append((last, event))
    while open_events:
        close(open_events[-1][0])
    columns = np.array(pieces, np.int64).reshape(-1, 3)
    return Stretches(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy())
