"""Hot functions with their callers, callees, source and instructions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from profiler.attribution.analysis import Profile
    from profiler.listing.listing import Listing
    from profiler.run.sections.cpu_section import HotFunctionFigures
    from profiler.run.summary import Summary

NEIGHBOURS = 6
"""Callers and callees shown for a function."""


@dataclass(frozen=True, slots=True)
class CallerOrCallee:
    """A caller or callee."""

    function: str
    share: str
    """Of the function's total time."""


@dataclass(frozen=True, slots=True)
class HotRow:
    """A function of the table."""

    function: str
    library: str
    kind: str
    evidence: str
    self_share: float
    total_share: float
    place: str = ""
    """`file:line` of its own source where most of its time was spent; empty where that is not known."""
    callers: tuple[CallerOrCallee, ...] = ()
    callees: tuple[CallerOrCallee, ...] = ()
    listing: Listing | None = None


def hot_rows(summary: Summary, profile: Profile | None, listings: Sequence[Listing]) -> list[HotRow]:
    """Return the summary's hot functions; with a profile, each with what calls it and what it calls."""
    by_function = {(listing.function, listing.library): listing for listing in listings}
    around = (
        _neighbours(profile, {(row.symbol, row.library) for row in summary.hot})
        if profile is not None
        else {}
    )
    rows = []
    for row in summary.hot:
        key = (row.symbol, row.library)
        callers, callees = around.get(key, ((), ()))
        rows.append(
            HotRow(
                row.symbol,
                row.library,
                row.kind.value,
                row.evidence.value,
                row.self_share,
                row.total_share,
                place_of(row),
                callers,
                callees,
                by_function.get(key),
            )
        )
    return rows


def place_of(row: HotFunctionFigures) -> str:
    """Return `file:line` of a row of `hot`; empty where debug information does not tell."""
    return f"{row.file}:{row.line}" if row.file else ""


Neighbours = tuple[tuple[CallerOrCallee, ...], tuple[CallerOrCallee, ...]]


def _neighbours(profile: Profile, listed: Container[tuple[str, str]]) -> dict[tuple[str, str], Neighbours]:
    """Return callers and callees of the functions listed, of a recursive one at its outermost call."""
    functions = profile.functions
    wanted = {function for function, name in enumerate(functions.names) if name in listed}
    callers: dict[int, defaultdict[int, float]] = {function: defaultdict(float) for function in wanted}
    callees: dict[int, defaultdict[int, float]] = {function: defaultdict(float) for function in wanted}
    total: defaultdict[int, float] = defaultdict(float)
    for chain in functions.chains:
        for function in wanted.intersection(chain.functions):
            position = chain.functions.index(function)
            total[function] += chain.cpu_ns
            if position:
                callers[function][chain.functions[position - 1]] += chain.cpu_ns
            if position + 1 < len(chain.functions):
                callees[function][chain.functions[position + 1]] += chain.cpu_ns

    def shown(shares: Mapping[int, float], function: int) -> tuple[CallerOrCallee, ...]:
        largest = sorted(shares.items(), key=lambda item: -item[1])[:NEIGHBOURS]
        whole = total[function] or 1.0
        return tuple(
            CallerOrCallee(functions.names[other][0], formats.percent(cpu_ns / whole))
            for other, cpu_ns in largest
        )

    return {
        functions.names[function]: (shown(callers[function], function), shown(callees[function], function))
        for function in wanted
    }
