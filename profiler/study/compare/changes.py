"""Which functions and call chains grew or shrank most, per request, and what of that may be chance."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from profiler.study.compare.matching import Function
    from profiler.study.compare.merged import MergedChains, Path

SIGMAS = 2.0
"""Differences of samples below so many standard errors may be chance."""
Pairs = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Change:
    """A function or chain on both sides, in milliseconds a request."""

    functions: tuple[Function, ...]
    """The function alone, or the chain with the thread's start first."""
    kind: str
    """What most of it was for."""
    own_ms: Pairs
    """Before and after; of a chain, all of it."""
    total_ms: Pairs
    """With what it called."""
    chance: bool
    """Whether so few samples lie behind the difference that it may be chance."""

    @property
    def difference_ms(self) -> float:
        """After less before, of its own time."""
        return self.own_ms[1] - self.own_ms[0]


def function_changes(merged: MergedChains) -> list[Change]:
    """Return each function's own time and total, by the size of what its own time changed."""
    own: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    total: defaultdict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    kinds: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in merged.rows:
        leaf = row.path[-1]
        kinds[leaf][row.kind] += sum(row.ns)
        _add(own[leaf], row.ns)
        for function in set(row.path):
            _add(total[function], row.ns)
    return _sorted(
        _change(merged, (merged.functions[function],), kinds[function], _pair(ns), _pair(total[function]))
        for function, ns in own.items()
    )


def chain_changes(merged: MergedChains) -> list[Change]:
    """Return each call chain, likewise."""
    spent: defaultdict[Path, list[float]] = defaultdict(lambda: [0.0, 0.0])
    kinds: defaultdict[Path, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for row in merged.rows:
        kinds[row.path][row.kind] += sum(row.ns)
        _add(spent[row.path], row.ns)
    return _sorted(
        _change(merged, tuple(merged.functions[index] for index in path), kinds[path], _pair(ns), _pair(ns))
        for path, ns in spent.items()
    )


def waiting_changes(merged: MergedChains) -> list[Change]:
    """Return each call chain of time off the CPU while a request was in flight, likewise."""
    inside = [row for row in merged.rows if row.in_request]
    return chain_changes(dataclasses.replace(merged, rows=inside))


def may_be_chance(ns: Pairs, grain_ns: Pairs) -> bool:
    """Whether two sums of samples differ by less than `SIGMAS` standard errors.

    Samples are counts: n of them, each of weight w, have a variance of n w^2, that is, sum times w (Poisson).
    """
    variance = sum(spent * grain for spent, grain in zip(ns, grain_ns, strict=True))
    return abs(ns[1] - ns[0]) < SIGMAS * math.sqrt(variance)


def _change(
    merged: MergedChains, functions: tuple[Function, ...], kinds: dict[int, float], own: Pairs, total: Pairs
) -> Change:
    kind = max(kinds, key=lambda which: kinds[which])
    chance = may_be_chance(own, merged.grain_ns)
    return Change(functions, merged.kinds[kind], _ms(own), _ms(total), chance)


def _sorted(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: (-abs(change.difference_ms), change.functions))


def _add(sums: list[float], ns: Pairs) -> None:
    sums[0] += ns[0]
    sums[1] += ns[1]


def _pair(sums: list[float]) -> Pairs:
    return sums[0], sums[1]


def _ms(ns: Pairs) -> Pairs:
    return ns[0] / 1e6, ns[1] / 1e6
