"""A configuration under one load, with what its repeats say of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from profiler.findings.load.overload import overloaded
from profiler.study.intervals import Basis, Interval, estimate
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.results import Cell


class Standing(str, Enum):
    """What the repeats say of a p95 target."""

    MEETS = "meets"
    """The whole interval is at the target or below."""
    UNSURE = "unsure"
    """The interval holds the target."""
    MISSES = "misses"
    """The whole interval is above, or requests were never served."""
    UNKNOWN = "unknown"
    """There were too few requests for a 95th percentile."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A configuration with its figures under one load."""

    label: str
    """The cell's: the configuration's, and who calls it."""
    configuration: SessionConfiguration
    cpu_ms: Interval
    """CPU time of a request, idle time after it included."""
    p95_ms: Interval | None
    """None where a repeat had too few requests for it."""
    requests: int
    """Of all repeats."""
    repeats: int
    unserved: int = 0
    """Requests that were due and never started."""
    callers: int = 1
    """Threads that call the session, in each process."""
    processes: int = 1

    @property
    def basis(self) -> Basis:
        """What the intervals rest on."""
        return Basis.REPEATS if self.repeats > 1 else Basis.REQUESTS

    @property
    def overloaded(self) -> bool:
        """Whether the 95th percentile of what was due is a request that never ran."""
        return overloaded(self.requests, self.unserved)

    def standing(self, target_ms: float) -> Standing:
        """Return what its repeats say of a target for the 95th percentile."""
        if self.overloaded:
            return Standing.MISSES
        if self.p95_ms is None:
            return Standing.UNKNOWN
        if self.p95_ms.high <= target_ms:
            return Standing.MEETS
        return Standing.MISSES if self.p95_ms.low > target_ms else Standing.UNSURE


def candidate(cell: Cell) -> Candidate | None:
    """Return a cell as a candidate; None where it has no CPU time of a request to state."""
    cpu_ms = estimate([measured.cpu_ms for measured in cell.measured], Statistic.MEAN)
    if cpu_ms is None:
        return None
    return Candidate(
        label=cell.key.configuration,
        configuration=cell.configuration,
        cpu_ms=cpu_ms,
        p95_ms=estimate([measured.latency_ms for measured in cell.measured], Statistic.P95),
        requests=sum(len(measured.latency_ms) for measured in cell.measured),
        repeats=len(cell.measured),
        unserved=sum(measured.unserved for measured in cell.measured),
        callers=cell.workload.concurrency,
        processes=cell.workload.processes,
    )
