"""Turns what a phase sees into ticks for the monitor."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from profiler.record.counters import process_cpu_ns
from profiler.record.monitor import Monitor, Tick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.run.request import Request

INTERVAL_NS = 100_000_000


class PhaseWatch:
    """Watches one phase of some processes; CPU use counts from tick to tick."""

    def __init__(self, monitor: Monitor, phase: str, seconds: float, *pids: int) -> None:
        self._monitor = monitor
        self._phase = phase
        self._seconds = seconds
        self._used_ns = dict.fromkeys(pids, 0)
        """CPU time of each, of one that has ended as it was last."""
        self._count = 0
        self._last_ms: float | None = None
        self._start_ns = self._before_ns = time.monotonic_ns()
        self._before_cpu_ns = self._cpu_ns() or 0

    def saw(self, requests: Sequence[Request]) -> None:
        """Count finished requests: none, where a log has none of this phase."""
        self._count += len(requests)
        if requests:
            self._last_ms = requests[-1].latency_ns / 1e6

    def tick(self) -> None:
        """Tell the monitor, unless the last tick was a moment ago."""
        now_ns = time.monotonic_ns()
        if now_ns - self._before_ns < INTERVAL_NS:
            return
        cpu_ns = self._cpu_ns()
        if cpu_ns is None:
            return  # whoever reads its output will find out how it ended
        self._monitor.tick(
            Tick(
                phase=self._phase,
                elapsed_seconds=(now_ns - self._start_ns) / 1e9,
                phase_seconds=self._seconds,
                cpu_percent=100 * (cpu_ns - self._before_cpu_ns) / (now_ns - self._before_ns),
                requests=self._count,
                last_latency_ms=self._last_ms,
            )
        )
        self._before_ns, self._before_cpu_ns = now_ns, cpu_ns

    def _cpu_ns(self) -> int | None:
        """Return what they have used so far; None where all are gone."""
        anybody = False
        for pid in self._used_ns:
            with contextlib.suppress(ProcessLookupError):
                self._used_ns[pid] = process_cpu_ns(pid)
                anybody = True
        return sum(self._used_ns.values()) if anybody else None
