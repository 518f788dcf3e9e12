"""Call chains of both sides over one table of functions, in nanoseconds a request: on the CPU, or off it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from profiler.run.kinds import KINDS, WAITS
from profiler.trace.model import SWITCH_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from profiler.attribution.analysis import Analysis
    from profiler.study.compare.matching import Function

Path = tuple[int, ...]
"""Indices into the function table, the thread's start first."""


@dataclass(frozen=True, slots=True)
class MergedChain:
    """One call chain on both sides, for one kind and one side of the request window."""

    path: Path
    kind: int
    """Index into the table's kinds."""
    in_request: bool
    ns: tuple[float, float]
    """Per request, before and after; 0 where a side has none of it."""


@dataclass(frozen=True, slots=True)
class MergedChains:
    """Both sides' chains."""

    functions: list[Function]
    kinds: tuple[str, ...]
    rows: list[MergedChain]
    grain_ns: tuple[float, float]
    """What one sample of each side stands for, per request; 0 where nothing was sampled but all recorded."""


@dataclass(frozen=True, slots=True)
class _Spent:
    """Time in one chain of one side."""

    functions: Path
    kind: int
    in_request: bool
    ns: float


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's chains, over its own functions."""

    functions: list[Function]
    spent: list[_Spent]
    requests: int
    samples: int
    """That the time rests on; 0 where it is exact."""

    @property
    def grain_ns(self) -> float:
        total = sum(cost.ns for cost in self.spent)
        return total / self.samples / self.requests if self.samples else 0.0


def merge_cpu(before: Analysis, after: Analysis, name: Callable[[Function], Function]) -> MergedChains | None:
    """Merge both profiles' CPU time; None where a side has no profile, or no request in it."""
    return _merge(_cpu(before), _cpu(after), name, tuple(kind.value for kind in KINDS))


def merge_waits(
    before: Analysis, after: Analysis, name: Callable[[Function], Function]
) -> MergedChains | None:
    """Merge both profiles' time off the CPU; None where a side did not record where threads wait."""
    return _merge(_waits(before), _waits(after), name, tuple(wait.value for wait in WAITS))


def _cpu(analysis: Analysis) -> _Side | None:
    profile, requests = analysis.profile, _requests(analysis)
    if profile is None or not requests:
        return None
    spent = [
        _Spent(chain.functions, KINDS.index(chain.kind), chain.in_request, chain.cpu_ns)
        for chain in profile.functions.chains
    ]
    return _Side(profile.functions.names, spent, requests, len(profile.attribution.time_ns))


def _waits(analysis: Analysis) -> _Side | None:
    off = None if analysis.profile is None else analysis.profile.off_cpu
    requests = _requests(analysis)
    if off is None or not requests or SWITCH_OUT not in off.settings.wait_events:
        return None
    spent = [
        _Spent(chain.functions, WAITS.index(chain.kind), chain.in_request, chain.wait_ns)
        for chain in off.chains.chains
    ]
    return _Side(off.chains.names, spent, requests, 0)


def _requests(analysis: Analysis) -> int:
    return sum(request.phase == "profile" for request in analysis.requests)


def _merge(
    before: _Side | None, after: _Side | None, name: Callable[[Function], Function], kinds: tuple[str, ...]
) -> MergedChains | None:
    if before is None or after is None:
        return None
    table: dict[Function, int] = {}
    merged: defaultdict[tuple[Path, int, bool], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for which, side in enumerate((before, after)):
        place = [table.setdefault(name(function), len(table)) for function in side.functions]
        for cost in side.spent:
            path = _path(place[function] for function in cost.functions)
            merged[path, cost.kind, cost.in_request][which] += cost.ns / side.requests
    rows = [
        MergedChain(path, kind, in_request, (ns[0], ns[1])) for (path, kind, in_request), ns in merged.items()
    ]
    return MergedChains(list(table), kinds, rows, (before.grain_ns, after.grain_ns))


def _path(functions: Iterable[int]) -> Path:
    """Return a path in which functions of one name that call each other are one."""
    return tuple(function for function, _ in groupby(functions))
