"""Reads a cgroup's cpu.stat and its processes' CPU clocks all through a phase."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from profiler.record.counters import process_cpu_ns
from profiler.record.limit.stat import CpuStatFile
from profiler.record.limit.stopped import StretchFinder
from profiler.run.throttling import CpuStat, Throttling

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

TICKS_A_PERIOD = 20
SHORTEST_TICK_NS = 1_000_000
LONGEST_TICK_NS = 10_000_000


def tick_ns(period_us: int) -> int:
    """Return the time between readings: a twentieth of the period, within 1 and 10 ms.

    A reading costs about 50 microseconds of CPU time outside the limit, most of them for waking up.
    """
    return min(max(period_us * 1_000 // TICKS_A_PERIOD, SHORTEST_TICK_NS), LONGEST_TICK_NS)


class ThrottlingSampler:
    """Samples in a thread of its own while the `with` block runs; `result` once it is over."""

    def __init__(self, cgroup: Path, pids: Sequence[int], period_us: int) -> None:
        self._cgroup = cgroup
        self._pids = pids
        self._tick_ns = tick_ns(period_us)
        self._stopped = False
        self._thread = threading.Thread(target=self._sample, name="ortprof-limit", daemon=True)
        self.result: Throttling | None = None

    def __enter__(self) -> ThrottlingSampler:
        self._file = CpuStatFile(self._cgroup)
        self._begin = self._file.read()
        self._finder = StretchFinder(time.monotonic_ns(), self._begin, self._cpu_ns())
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped = True
        self._thread.join()
        with self._file as file:
            if kind is None:
                self.result = self._result(file.read())

    def _result(self, end: CpuStat) -> Throttling:
        finder = self._finder
        return Throttling(
            begin=self._begin,
            end=end,
            tick_ns=self._tick_ns,
            stretches=finder.stretches,
            periods=finder.periods,
        )

    def _cpu_ns(self) -> int:
        return sum(map(process_cpu_ns, self._pids))

    def _sample(self) -> None:
        while not self._stopped:
            time.sleep(self._tick_ns / 1e9)
            try:
                stat, cpu_ns = self._file.read(), self._cpu_ns()
            except OSError:
                return  # the workload is gone; whoever reads its output says so
            self._finder.see(time.monotonic_ns(), stat, cpu_ns)
