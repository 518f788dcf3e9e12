"""What tells the cells of a study apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from profiler.spec.inputs import Lengths
from profiler.spec.workload import Arrivals

if TYPE_CHECKING:
    from profiler.spec.limit import Limit
    from profiler.study.study_record import StudyCell


UNSAID = Lengths(10)
"""The length of requests where a workload does not say."""


@dataclass(frozen=True, slots=True)
class CellKey:
    """What tells a cell from the others of its study."""

    configuration: str
    """The label, of which threads are part, and who calls it: `spin-on+t4 with 4 callers`."""
    model: str
    limit: Limit | None
    rate: float | None
    """Requests a second; None for closed arrivals, which have none."""
    arrivals: Arrivals
    tokens: str = ""
    """Length of requests, as `128` or `8..128`; empty for that of a workload that does not say."""
    clients: int = 1
    """Requests that closed arrivals have on the way at once; an open loop has as many as come."""

    @property
    def group(self) -> Group:
        """Return what it has in common with the cells that it is to be compared with."""
        return Group(self.model, self.limit, self.rate, self.arrivals, self.tokens, self.clients)

    @property
    def line(self) -> LimitSeries:
        """Return what it has in common with the cells that differ in their limit alone."""
        return LimitSeries(self.configuration, replace(self.group, limit=None))

    @property
    def words(self) -> str:
        """Return the cell in a line: `spin-on on minilm, 0.1 CPU, 1 request/s`."""
        return f"{self.configuration} on {self.group.words}"


@dataclass(frozen=True, slots=True)
class Group:
    """Cells that differ in nothing but the configuration, and in an open loop in who calls it."""

    model: str
    limit: Limit | None
    rate: float | None
    arrivals: Arrivals
    tokens: str = ""
    clients: int = 1

    @property
    def words(self) -> str:
        """Return the group in a line: `minilm, 0.1 CPU, 1 request/s`."""
        return f"{self.what}, {self.limit_words}, {self.load}"

    @property
    def what(self) -> str:
        """Return the model, and how long its requests are: `minilm, 8..128 tokens`."""
        return f"{self.model}, {self.tokens} tokens" if self.tokens else self.model

    @property
    def limit_words(self) -> str:
        """Return the limit: `no limit`, `0.1 CPU`."""
        return "no limit" if self.limit is None else self.limit.words

    @property
    def load(self) -> str:
        """Return how requests arrive: `10 requests/s`, `back to back`, `back to back by 4 clients`."""
        if self.rate is None:
            return "back to back" if self.clients == 1 else f"back to back by {self.clients} clients"
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
    closed = workload.arrivals is Arrivals.CLOSED
    return CellKey(
        arranged(cell.configuration.label, workload.concurrency, workload.processes),
        workload.model,
        cell.limit,
        None if closed else workload.rate,
        workload.arrivals,
        key_words(Lengths(workload.tokens, workload.most_tokens)),
        workload.concurrency * workload.processes if closed else 1,
    )


def key_words(tokens: Lengths) -> str:
    """Return a length as keys have it."""
    return "" if tokens == UNSAID else str(tokens)


def arranged(label: str, callers: int, processes: int) -> str:
    """Return a configuration with who calls it, where that is more than one thread of one process."""
    called = f" with {callers} callers" if callers > 1 else ""
    return f"{label}{called}{f' in {processes} processes' if processes > 1 else ''}"
