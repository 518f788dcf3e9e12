"""What tells the cells of a study apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.spec.limit import Limit
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.spec.limit import Limit
    from profiler.study.study_record import StudyCell


@dataclass(frozen=True, slots=True)
class CellKey:
    """What tells a cell from the others of its study."""

    configuration: str
    """The label: threads are part of it (`spin-on+t4`)."""
    model: str
    limit: Limit | None
    rate: float | None
    """Requests a second; None for closed arrivals, which have none."""
    arrivals: Arrivals

    @property
    def group(self) -> Group:
        """Return what it has in common with the cells that it is to be compared with."""
        return Group(self.model, self.limit, self.rate, self.arrivals)

    @property
    def line(self) -> LimitSeries:
        """Return what it has in common with the cells that differ in their limit alone."""
        return LimitSeries(self.configuration, Group(self.model, None, self.rate, self.arrivals))

    @property
    def words(self) -> str:
        """Return the cell in a line: `spin-on on minilm, 0.1 CPU, 1 request/s`."""
        return f"{self.configuration} on {self.group.words}"


@dataclass(frozen=True, slots=True)
class Group:
    """Cells that differ in nothing but the configuration."""

    model: str
    limit: Limit | None
    rate: float | None
    arrivals: Arrivals

    @property
    def words(self) -> str:
        """Return the group in a line: `minilm, 0.1 CPU, 1 request/s`."""
        return f"{self.model}, {self.limit_words}, {self.load}"

    @property
    def limit_words(self) -> str:
        """Return the limit: `no limit`, `0.1 CPU`."""
        return "no limit" if self.limit is None else self.limit.words

    @property
    def load(self) -> str:
        """Return how requests arrive: `10 requests/s`, `back to back`."""
        if self.rate is None:
            return "back to back"
        per_second = f"{self.rate:g} request{'' if self.rate == 1 else 's'}/s"
        return f"{per_second}, poisson" if self.arrivals is Arrivals.POISSON else per_second


@dataclass(frozen=True, slots=True)
class LimitSeries:
    """Cells that differ in nothing but their limit."""

    configuration: str
    unlimited: Group
    """Model and load; its limit is None."""


def cell_key(cell: StudyCell) -> CellKey:
    """Return what tells a cell from the others."""
    workload = cell.workload
    rate = None if workload.arrivals is Arrivals.CLOSED else workload.rate
    return CellKey(cell.configuration.label, workload.model, cell.limit, rate, workload.arrivals)
