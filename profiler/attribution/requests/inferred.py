"""Requests that nobody told of: what a calling thread does between two waits for something to do. Pure.

A thread that serves requests waits for the next one (epoll, accept, a queue's lock, a timer), works, and
waits again. Such a wait is one by its own will whose call chain has nothing of the runtime in it; a thread
that waits within `Run` (for workers, for a lock) has. Waiting for the interpreter's own lock, as a thread of
Python does in the middle of its work, separates nothing. What lies between two of them is a request where the
runtime ran: the thread was sampled there, or waited there, or woke a worker. Requests may be too short to be
sampled each: then those count too that follow the same wait as requests do, compute about as long, and whose
samples are as likely as not those of a request.

A request begins when the thread was woken for it. Requests that follow each other without a wait count as
one, and what a thread does before and after `Run` belongs to its request: docs/marks.md says how far off that
is.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.rules.chains import unfold
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.run.request import Request, RequestSource
from profiler.trace.model import NONE, WAIT_EVENTS, WAKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from profiler.arrays import Column
    from profiler.attribution.rules.chains import Frame
    from profiler.attribution.waits.off_cpu import OffCpu
    from profiler.trace.model import Trace

LEAST_SHARE = 0.5
"""Of the sampled activities after a wait: from which on others than those seen in the runtime may count."""
LEAST_LENGTH = 0.25
"""Of the median CPU time of a wait's requests: what takes less, and was not seen in the runtime, is something
else (a timer's tick, a lock that was not free yet). Not of their length, which other programs prolong."""
LEAST_LIKELY = 0.02
"""Probability that a request has this many samples and none of them in the runtime."""


@dataclass(frozen=True, slots=True)
class InferredRequests:
    """What can be said of requests."""

    requests: tuple[Request, ...]
    """By their starts."""
    cut: tuple[Request, ...]
    """Those of which the recording has a part, because it began or ended meanwhile."""
    untold: tuple[int, ...]
    """Callers of which nothing can be said: where they wait was not recorded."""


@dataclass(frozen=True, slots=True)
class _Activity:
    """What a thread did between two waits for something to do."""

    begin_ns: int
    end_ns: int
    site: int
    """The stack of the wait before."""
    samples: int
    in_runtime: int
    """Of these."""
    runs: bool
    """It was seen in the runtime, by a sample, a wait or a wake-up."""
    cut: bool
    ran_ns: int
    """How long it had a CPU."""


def infer_requests(
    trace: Trace,
    frames: Sequence[Frame],
    *,
    callers: Mapping[int, int],
    workers: Sequence[int],
    window_ns: tuple[int, int],
    cpu_ns: Mapping[int, int],
    phase: str,
) -> InferredRequests:
    """Infer the requests of threads that call `Run`.

    `frames` are the rules' view of `trace.frames`; `callers` says of each thread whose process it is,
    `workers` are the threads of pools. `cpu_ns`: what the kernel counted for each thread in the window.
    """
    stacks = _Stacks(
        _stacks_with(
            trace, [any(level.owner is Owner.RUNTIME for level in unfold([frame])) for frame in frames]
        ),
        _stacks_with(trace, [bool(frame.name & Name.INTERPRETER_LOCK) for frame in frames]),
    )
    off = off_cpu(trace, window_ns, {tid: cpu_ns.get(tid, 0) for tid in callers})
    whole: list[Request] = []
    cut: list[Request] = []
    untold: list[int] = []
    for tid, process in callers.items():
        thread = _Thread.of(trace, stacks, tid, off.of(tid), workers)
        if not thread.idle.any():
            untold.append(tid)
            continue
        for activity in _serving(list(thread.activities(window_ns))):
            request = Request(
                phase=phase,
                scheduled_ns=activity.begin_ns,
                start_ns=activity.begin_ns,
                end_ns=activity.end_ns,
                cpu_ns=None,
                process=process,
                caller=tid,
                source=RequestSource.INFERRED,
            )
            (cut if activity.cut else whole).append(request)
    whole.sort(key=lambda request: request.start_ns)
    return InferredRequests(tuple(whole), tuple(cut), tuple(untold))


@dataclass(frozen=True, slots=True)
class _Stacks:
    """What is said of each stack, and in one more row of what has none."""

    runtime: Column
    """The runtime is in it."""
    held_up: Column
    """It waits for the interpreter's own lock."""


def _stacks_with(trace: Trace, marked: Sequence[bool]) -> Column:
    """Say of each stack whether one of the marked frames is in it; one more row, for what has none."""
    before = np.concatenate([[0], np.cumsum(np.array(marked, np.bool_)[trace.stacks.frames])])
    has_marked = before[trace.stacks.offsets[1:]] > before[trace.stacks.offsets[:-1]]
    return np.append(has_marked, np.False_)


@dataclass(frozen=True, slots=True)
class _Thread:
    """What was seen of a calling thread."""

    off: OffCpu
    idle: Column
    """Which rows of `off` are waits for something to do."""
    sample_ns: Column
    runtime_ns: Column
    """Its samples in the runtime."""
    seen_ns: Column
    """Waits in the runtime, and wake-ups of workers."""
    off_ns: Column
    """How long it was off the CPU before each row of `off`, and in all."""

    @classmethod
    def of(
        cls,
        trace: Trace,
        stacks: _Stacks,
        tid: int,
        off: OffCpu,
        workers: Sequence[int],
    ) -> _Thread:
        """Take together what a thread did."""
        runtime = stacks.runtime
        samples, events = trace.samples, trace.wait_events
        mine = samples.tid == tid
        wakes = (events.event == WAIT_EVENTS.index(WAKING)) & (events.tid == tid)
        wakes &= np.isin(events.argument, workers)
        return cls(
            off=off,
            idle=(off.stack != NONE)
            & ~off.preempted
            & ~off.gap
            & ~runtime[off.stack]
            & ~stacks.held_up[off.stack],
            sample_ns=samples.time_ns[mine],
            runtime_ns=samples.time_ns[mine & runtime[samples.stack]],
            off_ns=np.concatenate([[0], np.cumsum(off.end_ns - off.begin_ns)]),
            seen_ns=np.sort(np.concatenate([off.begin_ns[runtime[off.stack]], events.time_ns[wakes]])),
        )

    def activities(self, window_ns: tuple[int, int]) -> Iterator[_Activity]:
        """Yield what it did between its waits, and before the first and after the last."""
        ready = self.off.ready_ns()[self.idle].tolist()
        sites = [NONE, *self.off.stack[self.idle].tolist()]
        begins = [window_ns[0], *ready]
        ends = [*self.off.begin_ns[self.idle].tolist(), window_ns[1]]
        for number, (begin, end, site) in enumerate(zip(begins, ends, sites, strict=True)):
            if begin >= end:
                continue
            in_runtime = _count(self.runtime_ns, begin, end)
            yield _Activity(
                begin_ns=begin,
                end_ns=end,
                site=site,
                samples=_count(self.sample_ns, begin, end),
                in_runtime=in_runtime,
                runs=bool(in_runtime or _count(self.seen_ns, begin, end)),
                cut=number in (0, len(ready)),
                ran_ns=end - begin - (self._off_until(end) - self._off_until(begin)),
            )

    def _off_until(self, instant_ns: int) -> int:
        """Return how long it had been off the CPU by then; waits follow each other."""
        whole = int(np.searchsorted(self.off.end_ns, instant_ns, side="right"))
        within = whole < len(self.off.begin_ns) and instant_ns > self.off.begin_ns[whole]
        return int(self.off_ns[whole]) + (instant_ns - int(self.off.begin_ns[whole]) if within else 0)


def _count(instants: Column, begin_ns: int, end_ns: int) -> int:
    first, last = np.searchsorted(instants, (begin_ns, end_ns))
    return int(last - first)


def _serving(activities: Sequence[_Activity]) -> Iterator[_Activity]:
    """Yield the activities that are requests."""
    by_site: defaultdict[int, list[_Activity]] = defaultdict(list)
    for activity in activities:
        by_site[activity.site].append(activity)
    for group in by_site.values():
        known = [activity for activity in group if activity.runs]
        if not known:
            continue
        least_ns = LEAST_LENGTH * median(activity.ran_ns for activity in known)
        samples = sum(activity.samples for activity in group)
        elsewhere = 1 - sum(activity.in_runtime for activity in group) / samples if samples else 1.0
        supposed = len(known) >= LEAST_SHARE * sum(activity.samples > 0 for activity in group)
        for activity in group:
            likely = elsewhere**activity.samples >= LEAST_LIKELY
            if activity.runs or (supposed and likely and activity.ran_ns >= least_ns):
                yield activity
