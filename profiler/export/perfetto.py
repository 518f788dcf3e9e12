"""Perfetto's trace: what threads did on the CPU and off it, requests, wake-ups and a CPU limit, over time.

Format: `Trace` in protos/perfetto/trace/trace.proto of https://github.com/google/perfetto, of track events
(https://perfetto.dev/docs/reference/synthetic-track-event). Times are CLOCK_MONOTONIC.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from profiler.export import perfetto_packets as packets
from profiler.export.columns.names import clean
from profiler.export.columns.parts import rows
from profiler.export.perfetto_slices import lanes, slices_of
from profiler.run.kinds import EVIDENCES, KINDS, WAITS
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from profiler.export.columns.exported import ExportedRun

QUOTA, THROTTLED = 1, 2
"""Tracks by `uuid`."""
PROCESSES = 1 << 40
"""With a process's id added, its track."""
FIRST_THREAD, A_THREADS = 10, 2
"""Of the threads' tracks; each has its own and one of its time off the CPU."""
PERCENT = 100
US = 1_000


@dataclass(frozen=True, slots=True)
class Perfetto:
    """A track a thread with slices by kind, and one below it of waits; requests as slices."""

    suffix: ClassVar[str] = ".pftrace"

    def write(self, run: ExportedRun, out: BinaryIO) -> None:
        """Write the tracks, then their events track by track; readers sort them by time."""
        out.writelines(
            itertools.chain(
                _tracks(run), _on_cpu(run), _off_cpu(run), _wake_ups(run), _requests(run), _limit(run)
            )
        )


def _track(thread: int) -> int:
    return FIRST_THREAD + thread * A_THREADS


def _tracks(run: ExportedRun) -> Iterator[bytes]:
    for process in run.manifest.processes:
        yield packets.process_track(PROCESSES + process.pid, process.pid, run.title)
    for number, thread in enumerate(run.threads):
        if thread.tid:
            yield packets.thread_track(_track(number), thread.pid, thread.tid, thread.label)
        else:
            yield packets.track(_track(number), PROCESSES + thread.pid, thread.label)
        if run.waits is not None and thread.tid:
            yield packets.track(_track(number) + 1, _track(number), "off CPU")


def _on_cpu(run: ExportedRun) -> Iterator[bytes]:
    for number in range(len(run.threads)):
        made = slices_of(run.samples, number)
        for begin_ns, end_ns, kind, evidence, cpu_ns, samples in rows(*made.columns()):
            about = {"cpu_ns": cpu_ns, "samples": samples, "evidence": EVIDENCES[evidence].value}
            yield from packets.slice_(_track(number), begin_ns, end_ns, KINDS[kind].value, about)


def _off_cpu(run: ExportedRun) -> Iterator[bytes]:
    waits = run.waits
    if waits is None:
        return
    columns = waits.begin_ns, waits.end_ns, waits.thread, waits.kind, waits.evidence, waits.request
    for begin_ns, end_ns, thread, kind, evidence, request in rows(*columns):
        about: dict[str, int | str] = {"evidence": EVIDENCES[evidence].value}
        if request != NONE:
            about["request"] = request + 1
        yield from packets.slice_(_track(thread) + 1, begin_ns, end_ns, WAITS[kind].value, about)


def _wake_ups(run: ExportedRun) -> Iterator[bytes]:
    """Yield flows from where a thread wakes another to where that runs; between threads that are here."""
    waits = run.waits
    if waits is None:
        return
    numbers = {thread.tid: number for number, thread in enumerate(run.threads)}
    columns = waits.begin_ns, waits.ran_ns, waits.thread, waits.waker
    for flow, (woken_ns, ran_ns, woken, waker_tid) in enumerate(rows(*columns), 1):
        waker = numbers.get(waker_tid)
        if waker is not None and ran_ns != NONE:
            name = f"wakes {run.threads[woken].name}"
            yield packets.instant(_track(waker), woken_ns, name, begins_flow=flow)
            yield packets.instant(_track(woken), ran_ns, "woken", ends_flow=flow)


def _requests(run: ExportedRun) -> Iterator[bytes]:
    """Yield requests on tracks below the process; those that overlap have a track each."""
    first = _track(len(run.threads))
    spans = [(request.start_ns, request.end_ns, run.caller(request)) for request in run.requests]
    made: dict[tuple[int, int], int] = {}
    for number, (lane, (start_ns, end_ns, caller)) in enumerate(zip(lanes(spans), spans, strict=True)):
        if (caller, lane) not in made:
            made[caller, lane] = first + len(made)
            name = f"requests of {run.threads[caller].name}"
            yield packets.track(made[caller, lane], PROCESSES + run.threads[caller].pid, name)
        request = run.requests[number]
        about: dict[str, int | str] = {
            "latency_ns": request.latency_ns,
            "late_ns": request.start_ns - request.scheduled_ns,
            "source": request.source.value,
        }
        if request.cpu_ns is not None:
            about["process_cpu_ns"] = request.cpu_ns
        if request.pool is not None:
            about["pool"] = clean(request.pool)
        about |= {f"part_{part.value}_ns": round(ns) for part, ns in run.parts_ns(number).items()}
        yield from packets.slice_(made[caller, lane], start_ns, end_ns, f"request {number + 1}", about)


def _limit(run: ExportedRun) -> Iterator[bytes]:
    """Yield what each period used of a CPU limit's quota, and when nothing could run."""
    limit, throttling = run.manifest.limit, run.profile.throttling
    if limit is None or throttling is None:
        return
    process = PROCESSES + run.manifest.process.pid
    yield packets.counter_track(QUOTA, process, "CPU limit: quota used", "%")
    yield packets.track(THROTTLED, process, "CPU limit: throttled")
    before_ns = run.begin_ns
    for period in throttling.periods:
        # A period counts only while there is something to run, so that there are gaps between them.
        begin_ns = max(before_ns, period.end_ns - limit.period_us * US)
        yield packets.counter(QUOTA, begin_ns, PERCENT * period.cpu_ns / max(1, limit.quota_us * US))
        yield packets.counter(QUOTA, period.end_ns, 0.0)
        before_ns = period.end_ns
    for begin_ns, end_ns in run.stretches:
        yield from packets.slice_(THROTTLED, begin_ns, end_ns, "throttled", {})
