"""The whole recommendation: the choice, how sure it is, what others cost, and when it would be another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.errors import UsageError
from profiler.spec.workload import Arrivals
from profiler.study.advise.candidates import Standing
from profiler.study.advise.kubernetes import Demand, Sizing, size
from profiler.study.advise.loads import LoadDecision, Turn, decide_by_load, turn
from profiler.study.intervals import Ratio, compare, estimate
from profiler.study.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.spec.configuration import SessionConfiguration
    from profiler.study.advise.candidates import Candidate
    from profiler.study.advise.decide import Decision
    from profiler.study.cells import Group
    from profiler.study.results import Cell

DEFAULT = "spin-on"
"""The name of ONNX Runtime's own choice."""


@dataclass(frozen=True, slots=True)
class LatencyTarget:
    """What is asked for."""

    p95_ms: float
    group: Group
    """Model, limit and load."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another configuration beside the choice."""

    candidate: Candidate
    cpu: Ratio | None
    """Its CPU time a request, to that of the choice."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to ship, and why."""

    target: LatencyTarget
    decision: Decision
    runner_up: Alternative | None
    cheaper: tuple[Alternative, ...]
    """Cheaper ones that may meet the target, but not surely."""
    default: Alternative | None
    """ONNX Runtime's own choice, unless it is the one recommended, or was not measured."""
    turn: Turn | None
    loads: tuple[LoadDecision, ...]
    """All loads that were measured, the target's among them."""
    sizing: Sizing | None
    """None without a choice, or for back-to-back load, which has no rate to plan for."""

    @property
    def chosen(self) -> Candidate | None:
        """The choice; None where nothing surely meets the target."""
        return self.decision.chosen

    @property
    def spinning_never_wins(self) -> bool:
        """Whether a configuration that spins is the choice under no load, the target's included."""
        choices = [load.decision.chosen for load in self.loads]
        return not any(choice.configuration.spins for choice in choices if choice is not None)


def is_default(configuration: SessionConfiguration) -> bool:
    """Whether a configuration is ONNX Runtime's own choice, its count of threads included."""
    return configuration.name == DEFAULT and not configuration.threads


def recommend(
    cells: Sequence[Cell], target: LatencyTarget, *, pool_threads: Mapping[str, int]
) -> Recommendation:
    """Recommend from the cells of a study, each configuration once a load.

    `pool_threads` holds, by label, how many ONNX Runtime took where a configuration leaves that to it.
    `UsageError` when nothing was measured of the target's model, limit and load.
    """
    under_load = {cell.key.configuration: cell for cell in cells if cell.key.group == target.group}
    by_load = decide_by_load((cell for cell in cells if _comparable(cell, target)), target.p95_ms)
    at_target = next((load for load in by_load if load.group == target.group), None)
    if at_target is None:
        failures = dict.fromkeys(why for cell in under_load.values() for why in cell.failures)
        raise UsageError(
            f"nothing was measured of {target.group.words}",
            hint=f"why runs are missing: {'; '.join(failures)}" if failures else None,
        )
    decision = at_target.decision
    chosen = decision.chosen

    def beside(other: Candidate | None) -> Alternative | None:
        if chosen is None or other is None or other.label == chosen.label:
            return None
        return Alternative(other, cpu_ratio(under_load[chosen.label], under_load[other.label]))

    unsure = [
        candidate for candidate in decision.ranked if candidate.standing(target.p95_ms) is Standing.UNSURE
    ]
    cheaper = [
        candidate for candidate in unsure if chosen and candidate.cpu_ms.estimate < chosen.cpu_ms.estimate
    ]
    return Recommendation(
        target=target,
        decision=decision,
        runner_up=beside(decision.runner_up),
        cheaper=tuple(filter(None, map(beside, cheaper))),
        default=beside(_default_beside(chosen, decision)),
        turn=None if chosen is None else turn(by_load, chosen),
        loads=tuple(by_load),
        sizing=_sizing(chosen, under_load, target, pool_threads),
    )


def _default_beside(chosen: Candidate | None, decision: Decision) -> Candidate | None:
    """Return ONNX Runtime's own choice, called as the chosen one is if that was measured."""
    defaults = [candidate for candidate in decision.ranked if is_default(candidate.configuration)]
    alike = [candidate for candidate in defaults if chosen and candidate.callers == chosen.callers]
    return next(iter(alike or defaults), None)


def cpu_ratio(before: Cell, after: Cell) -> Ratio | None:
    """Compare the CPU time a request of two cells, over the rounds that both have."""
    common = sorted(set(before.rounds) & set(after.rounds))
    one, other = (
        [cell.measured[cell.rounds.index(round_number)].cpu_ms for round_number in common]
        for cell in (before, after)
    )
    return compare(one, other, Statistic.MEAN)


def _threads(chosen: Candidate, pool_threads: Mapping[str, int]) -> int:
    """Return the threads that compute: one of a session's is the caller, each further caller is one more."""
    threads = chosen.configuration.threads
    return chosen.processes * (threads + chosen.callers - 1) if threads else pool_threads[chosen.label]


def _comparable(cell: Cell, target: LatencyTarget) -> bool:
    """Whether nothing but configuration and rate differ, or whether requests wait for each other."""
    group = cell.key.group
    wanted = target.group
    same = (group.model, group.limit, group.tokens) == (wanted.model, wanted.limit, wanted.tokens)
    return same and group.arrivals in {wanted.arrivals, Arrivals.CLOSED}


def _sizing(
    chosen: Candidate | None, cells: dict[str, Cell], target: LatencyTarget, pool_threads: Mapping[str, int]
) -> Sizing | None:
    if chosen is None or target.group.rate is None:
        return None
    peak = estimate([measured.cpu_ms for measured in cells[chosen.label].measured], Statistic.P95)
    return size(
        Demand(
            chosen.configuration,
            rate=target.group.rate,
            cpu_ms=chosen.cpu_ms.high,
            peak_ms=max(chosen.cpu_ms.high, peak.estimate if peak else 0),
            threads=_threads(chosen, pool_threads),
            cpus=None if target.group.limit is None else target.group.limit.cpus,
        )
    )
