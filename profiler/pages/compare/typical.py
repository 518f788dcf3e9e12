"""One typical request of each side, thread by thread: what each did when, from the scheduled instant on.

Typical is the request of median latency in the profile phase. When threads were on a CPU is exact where
context switches were recorded; what they did there is told by the samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.statistics import percentile
from profiler.findings.threads import sampled_threads
from profiler.pages.timeline.timeline import samples_as_segments
from profiler.run.kinds import KINDS, WAITS, Kind, Role, Wait

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from profiler.arrays import Column
    from profiler.attribution.analysis import Analysis, Profile
    from profiler.attribution.waits.classified import ClassifiedWaits
    from profiler.run.request import Request


MOST_LANES = 9
FAR_NS = 5_000_000
"""A sample this much later says nothing of the time before."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch in which a thread did one thing; milliseconds from the scheduled instant."""

    begin_ms: float
    end_ms: float
    what: str
    """The value of `Kind`, or of `Wait` where the thread was off the CPU."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One thread."""

    label: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class TypicalRequest:
    """The request of median latency."""

    latency_ms: float
    late_ms: float
    """From its scheduled instant to its start."""
    lanes: tuple[Lane, ...]


def median_request(requests: Sequence[Request]) -> Request | None:
    """Return the request of median latency (nearest rank) in the profile phase; None without one."""
    profiled = [request for request in requests if request.phase == "profile"]
    if not profiled:
        return None
    wanted = percentile([request.latency_ns for request in profiled], 50)
    return next(request for request in profiled if request.latency_ns == wanted)


def typical_request(analysis: Analysis, until_ms: float) -> TypicalRequest | None:
    """Return a side's typical request, up to `until_ms` after its scheduled instant; None without."""
    request = median_request(analysis.requests)
    profile = analysis.profile
    if request is None or profile is None:
        return None
    window = request.scheduled_ns, request.scheduled_ns + round(until_ms * 1e6)
    threads = sampled_threads(profile.trace, profile.attribution, analysis.manifest.threads)
    lanes = (
        Lane(thread.label, tuple(_spans(profile, thread.tid, window)))
        for thread in threads
        if thread.role is not Role.OTHER
    )
    return TypicalRequest(
        request.latency_ns / 1e6,
        (request.start_ns - request.scheduled_ns) / 1e6,
        tuple(lanes)[:MOST_LANES],
    )


def _spans(profile: Profile, tid: int, window_ns: tuple[int, int]) -> Iterator[Span]:
    """Yield what one thread did in a window, in order of time."""
    if profile.off_cpu is None:
        yield from _sampled(profile, tid, window_ns)
        return
    origin, until = window_ns
    kinds = _KindsOverTime.of(profile, tid)
    now = origin
    for begin, end, wait in _waits(profile.off_cpu.waits.of(tid), window_ns):
        yield from kinds.spans(now, begin, origin)
        yield Span((begin - origin) / 1e6, (end - origin) / 1e6, wait)
        now = end
    yield from kinds.spans(now, until, origin)


def _waits(waits: ClassifiedWaits, window_ns: tuple[int, int]) -> Iterator[tuple[int, int, str]]:
    """Yield stretches off the CPU within a window: what was waited for, then being ready to run."""
    off, ready = waits.off, waits.off.ready_ns()
    stopped = waits.stretches.overlap_ns(ready, off.end_ns)
    for row in np.flatnonzero((off.end_ns > window_ns[0]) & (off.begin_ns < window_ns[1])).tolist():
        mostly_stopped = 2 * stopped[row] > off.end_ns[row] - ready[row]
        kept_off = Wait.THROTTLED if mostly_stopped else Wait.RUNNABLE
        parts = (
            (off.begin_ns[row], ready[row], WAITS[waits.kind[row]]),
            (ready[row], off.end_ns[row], kept_off),
        )
        for begin, end, wait in parts:
            first, last = max(int(begin), window_ns[0]), min(int(end), window_ns[1])
            if first < last:
                yield first, last, wait.value


@dataclass(frozen=True, slots=True)
class _KindsOverTime:
    """One thread's samples: each tells what the time on the CPU before it was for."""

    time_ns: Column
    kind: Column

    @classmethod
    def of(cls, profile: Profile, tid: int) -> _KindsOverTime:
        mine = profile.attribution.tid == tid
        return cls(profile.attribution.time_ns[mine], profile.attribution.kind[mine])

    def spans(self, begin_ns: int, end_ns: int, origin_ns: int) -> Iterator[Span]:
        """Yield a stretch on the CPU, cut at its samples; what follows its last one is told by the next."""
        first, last = np.searchsorted(self.time_ns, [begin_ns, end_ns], side="right").tolist()
        edges = [begin_ns, *self.time_ns[first:last].tolist(), end_ns]
        for place, (begin, end) in enumerate(pairwise(edges), first):
            if begin < end:
                yield Span((begin - origin_ns) / 1e6, (end - origin_ns) / 1e6, self._kind(place, end))

    def _kind(self, place: int, end_ns: int) -> str:
        if place < len(self.time_ns) and self.time_ns[place] - end_ns <= FAR_NS:
            kind: Kind = KINDS[self.kind[place]]
            return kind.value
        return Kind.UNKNOWN.value


def _sampled(profile: Profile, tid: int, window_ns: tuple[int, int]) -> Iterator[Span]:
    """Yield what samples alone tell, where context switches were not recorded."""
    samples = profile.attribution
    seen = (samples.time_ns >= window_ns[0]) & (samples.time_ns < window_ns[1])
    segments = samples_as_segments(samples, np.flatnonzero(seen & (samples.tid == tid)), window_ns[0])
    for begin, end, kind in zip(
        segments.begin.tolist(), segments.end.tolist(), segments.kind.tolist(), strict=True
    ):
        yield Span(begin / 1e3, end / 1e3, KINDS[kind].value)
