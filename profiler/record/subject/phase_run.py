"""One phase in all processes of the workload: begun together, stopped together, read as they speak."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any

from profiler.record.subject.events import Done, Served, Started
from profiler.record.subject.workload_process import TICK_SECONDS
from profiler.run.manifest import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from profiler.record.subject.events import Event, ServedRow
    from profiler.record.subject.workload_process import WorkloadProcess


class _Part:
    """The phase in one process."""

    def __init__(self, workload: WorkloadProcess, phase: str, command: Mapping[str, Any]) -> None:
        self.workload = workload
        self._phase = phase
        self._seconds = float(command["seconds"])
        self._owes_since = time.monotonic()
        """Since when, or from when on, it owes an answer."""
        self._start_ns: int | None = None
        self.done: Phase | None = None
        workload.begin(phase, command)

    def stop(self) -> None:
        """Ask it to end early."""
        self._owes_since = time.monotonic()
        self.workload.stop()

    def take(self, event: Event) -> Sequence[ServedRow]:
        """Take what it said; return requests that ended."""
        if isinstance(event, Started) and self._start_ns is None:
            self._start_ns = event.start_ns
            self._owes_since = time.monotonic() + self._seconds
        elif isinstance(event, Served) and self._start_ns is not None:
            self._owes_since = max(self._owes_since, time.monotonic())
            return event.rows
        elif isinstance(event, Done) and self._start_ns is not None and event.end_ns >= self._start_ns:
            self.done = Phase(self._phase, self._start_ns, event.end_ns, event.stopped, event.unserved)
        else:
            raise self.workload.unexpected(event)
        return []

    def check(self) -> None:
        """Raise what it means that it said nothing."""
        self.workload.give_up(self._owes_since)


def run_phase(
    workloads: Sequence[WorkloadProcess],
    phase: str,
    command: Mapping[str, Any],
    *,
    on_wait: Callable[[], None],
    on_rows: Callable[[int, Sequence[ServedRow]], None],
    stop_requested: Callable[[], bool],
) -> Phase:
    """Run one phase to its end, or to a stop; hand over requests with their process's place as they come.

    The phase ends when it has ended in all processes. `WorkloadError` when one of them fails.
    """
    parts = [_Part(workload, phase, command) for workload in workloads]
    stopping = False
    while unfinished := [number for number, part in enumerate(parts) if part.done is None]:
        if stop_requested() and not stopping:
            stopping = True
            for number in unfinished:
                parts[number].stop()
        select.select([workloads[number] for number in unfinished], [], [], TICK_SECONDS)
        heard = False
        for number in unfinished:
            heard |= _drain(parts[number], number, on_rows)
        on_wait()
        if not heard:
            for number in unfinished:
                parts[number].check()
    return _whole([part.done for part in parts if part.done is not None])


def _drain(part: _Part, number: int, on_rows: Callable[[int, Sequence[ServedRow]], None]) -> bool:
    """Take all that one process has said; return whether there was anything."""
    heard = False
    while part.done is None and (event := part.workload.receive(0)) is not None:
        heard = True
        rows = part.take(event)
        if rows:
            on_rows(number, rows)
    return heard


def _whole(parts: Sequence[Phase]) -> Phase:
    return Phase(
        parts[0].name,
        min(part.start_ns for part in parts),
        max(part.end_ns for part in parts),
        any(part.stopped for part in parts),
        sum(part.unserved for part in parts),
    )
