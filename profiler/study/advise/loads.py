"""What is chosen under each load that was measured, and where the choice turns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.study.advise.candidates import Candidate, candidate
from profiler.study.advise.decide import Decision, decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.study.cells import Group
    from profiler.study.results import Cell


@dataclass(frozen=True, slots=True)
class LoadDecision:
    """What is chosen under one load."""

    group: Group
    served: float
    """Requests a second that ran, the mean over its candidates."""
    decision: Decision


@dataclass(frozen=True, slots=True)
class Turn:
    """Between which rates another configuration becomes the choice."""

    rival: Candidate
    """Its figures beyond the turn."""
    above: float
    """The last rate at which the choice stood."""
    below: float
    """The first one measured at which the rival is chosen."""
    rate: float | None
    """Where the CPU time of both is equal, between the two; None where latency turns the choice."""


def decide_by_load(cells: Iterable[Cell], target_ms: float) -> list[LoadDecision]:
    """Decide under each load, the lightest first, back to back last; those without figures left out."""
    groups: dict[Group, list[tuple[Candidate, float]]] = {}
    for cell in cells:
        usable = candidate(cell)
        if usable is not None:
            groups.setdefault(cell.key.group, []).append((usable, _served(cell)))
    decisions = [
        LoadDecision(
            group,
            served=sum(served for _, served in candidates) / len(candidates),
            decision=decide((candidate for candidate, _ in candidates), target_ms),
        )
        for group, candidates in groups.items()
    ]
    return sorted(decisions, key=lambda load: math.inf if load.group.rate is None else load.group.rate)


def turn(decisions: Sequence[LoadDecision], chosen: Candidate) -> Turn | None:
    """Return where a configuration that spins is chosen instead, as the load grows; None where none is.

    `decisions` come as from `decide_by_load`.
    """
    standing: LoadDecision | None = None
    for decided in decisions:
        choice = decided.decision.chosen
        if choice is None:
            continue
        if choice.label == chosen.label:
            standing = decided
        elif standing is not None and choice.configuration.spins:
            return Turn(
                choice, standing.served, decided.served, _equal_rate(standing, decided, chosen, choice)
            )
    return None


def _equal_rate(near: LoadDecision, far: LoadDecision, chosen: Candidate, rival: Candidate) -> float | None:
    """Return the rate at which both cost the same, None where they were not measured under both loads.

    What a request costs grows in a line with the time until the next one, 1 / rate, as far as threads spin
    that long; so the difference of two configurations does too, and its root between two measured loads is
    that of the line through both.
    """
    differences = []
    for side in (near, far):
        costs = {candidate.label: candidate.cpu_ms.estimate for candidate in side.decision.ranked}
        if chosen.label not in costs or rival.label not in costs:
            return None
        differences.append(costs[rival.label] - costs[chosen.label])
    here, there = differences
    if not here > 0 >= there:
        return None
    gap = 1 / near.served + (1 / far.served - 1 / near.served) * here / (here - there)
    return 1 / gap


def _served(cell: Cell) -> float:
    return sum(len(repeat.latency_ms) for repeat in cell.measured) / sum(
        repeat.seconds for repeat in cell.measured
    )
