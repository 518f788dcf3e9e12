"""Attributed samples by function: hot table and merged call chains."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.distinct import distinct, distinct_by_stack
from profiler.attribution.rules.names import Name, of_symbol
from profiler.run.kinds import EVIDENCES, KINDS, ROLES, Evidence, Kind, Role
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.trace.model import Stacks

HOT_ROWS = 50
FUTEX_ROWS = 10


@dataclass(frozen=True, slots=True)
class Chain:
    """CPU time of one call chain by functions, for one kind, thread role and side of the request window."""

    functions: tuple[int, ...]
    """Indices into the function table, the thread's start first."""
    kind: Kind
    evidence: Evidence
    role: Role
    in_request: bool
    cpu_ns: float


@dataclass(frozen=True, slots=True)
class HotFunction:
    """A function's part of the CPU time."""

    function: int
    """Index into the function table."""
    kind: Kind
    """What most of its own time was for; of what it called, where it has none of its own."""
    evidence: Evidence
    self_ns: float
    total_ns: float


@dataclass(frozen=True, slots=True)
class Functions:
    """Distinct functions and the chains over them."""

    names: list[tuple[str, str]]
    """(function, library) by index."""
    chains: list[Chain]

    def hot(self) -> list[HotFunction]:
        """Return the functions by their own CPU time, the hottest first; a recursive one counts once."""
        own: defaultdict[int, defaultdict[tuple[Kind, Evidence], float]] = defaultdict(
            lambda: defaultdict(float)
        )
        below: defaultdict[int, defaultdict[tuple[Kind, Evidence], float]] = defaultdict(
            lambda: defaultdict(float)
        )
        for chain in self.chains:
            verdict = (chain.kind, chain.evidence)
            own[chain.functions[-1]][verdict] += chain.cpu_ns
            for function in set(chain.functions):
                below[function][verdict] += chain.cpu_ns
        rows = []
        for function, totals in below.items():
            decisive = own.get(function, totals)
            kind, evidence = max(decisive, key=lambda verdict: decisive[verdict])
            self_ns = sum(own[function].values()) if function in own else 0.0
            rows.append(HotFunction(function, kind, evidence, self_ns, sum(totals.values())))
        return sorted(rows, key=lambda row: (-row.self_ns, -row.total_ns, row.function))

    def listed(self, located: Container[tuple[str, str]]) -> list[HotFunction]:
        """Return the hottest functions, and behind them the largest of the futex path's in `located`.

        Functions that block and wake spend little themselves. With source lines they show where.
        """
        rows = self.hot()
        path = [
            row
            for row in rows[HOT_ROWS:]
            if self.names[row.function] in located and of_symbol(self.names[row.function][0]) & Name.WAIT
        ]
        return rows[:HOT_ROWS] + sorted(path, key=lambda row: -row.total_ns)[:FUTEX_ROWS]


class FunctionPaths:
    """Distinct functions of a trace's frames, and its call chains as paths over them."""

    def __init__(self, stacks: Stacks, frame_names: Sequence[tuple[str, str]]) -> None:
        self._stacks = stacks
        self._names: dict[tuple[str, str], int] = {}
        self._function_of = [self._names.setdefault(name, len(self._names)) for name in frame_names]

    def path(self, stack: int) -> tuple[int, ...]:
        """Return a stack's functions, the thread's start first; for NONE `[no call chain]` alone."""
        if stack == NONE:
            return (self._names.setdefault(("[no call chain]", ""), len(self._names)),)
        offsets = self._stacks.offsets
        frames = self._stacks.frames[offsets[stack] : offsets[stack + 1]].tolist()
        return tuple(self._function_of[frame] for frame in reversed(frames))

    def names(self) -> list[tuple[str, str]]:
        """Return (function, library) by index."""
        return list(self._names)


def merge_chains(
    stacks: Stacks, attribution: Attribution, frame_names: Sequence[tuple[str, str]]
) -> Functions:
    """Merge samples whose chains are alike by function.

    Samples without a chain are one function, `[no call chain]`.
    """
    table = FunctionPaths(stacks, frame_names)
    stack, verdict, cpu_ns = _distinct(attribution)
    merged: defaultdict[tuple[tuple[int, ...], int], float] = defaultdict(float)
    for its_stack, its_verdict, its_ns in zip(stack, verdict, cpu_ns, strict=True):
        merged[table.path(its_stack), its_verdict] += its_ns
    chains = [_chain(path, its_verdict, its_ns) for (path, its_verdict), its_ns in merged.items()]
    return Functions(table.names(), chains)


VERDICTS = (len(KINDS), len(EVIDENCES), len(ROLES), 2)
"""How many kinds, evidences and roles there are, and sides of the request window: a verdict is one of each,
as one number."""


def _distinct(attribution: Attribution) -> tuple[list[int], list[int], list[float]]:
    """Return each distinct stack and verdict, in order, with its CPU time."""
    parts = (attribution.kind, attribution.evidence, attribution.role, attribution.in_request)
    verdict = np.ravel_multi_index([part.astype(np.int64) for part in parts], VERDICTS)
    verdicts, which = distinct(verdict, int(np.prod(VERDICTS)))
    stacks, which, index = distinct_by_stack(attribution.stack, which, verdicts.size)
    sums = np.bincount(index, weights=attribution.cpu_ns, minlength=stacks.size)
    return stacks.tolist(), verdicts[which].tolist(), sums.tolist()


def _chain(path: tuple[int, ...], verdict: int, cpu_ns: float) -> Chain:
    kind, evidence, role, in_request = (int(part) for part in np.unravel_index(verdict, VERDICTS))
    return Chain(path, KINDS[kind], EVIDENCES[evidence], ROLES[role], bool(in_request), cpu_ns)
