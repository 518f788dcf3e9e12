"""`operators` of summary.json: time by operator type and by node of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from profiler.attribution.statistics import load_figures
from profiler.run.kinds import KINDS, WAITS, Kind, Outside, Wait
from profiler.run.sections.operator_section import JoinCheck, OperatorFigures, OperatorsFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.arrays import Column
    from profiler.attribution.operators.attributed import Operators
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.request import Request
    from profiler.run.sections.load_section import LoadFigures


NODE_ROWS = 5
"""How many nodes of each type summary.json holds, those with most CPU time."""


def operator_figures(
    operators: Operators,
    counters: PhaseCounters,
    requests: Sequence[Request],
    undisturbed: LoadFigures | None,
) -> OperatorsFigures:
    """Return `operators`, with the `NODE_ROWS` largest nodes of each type.

    `undisturbed` are the figures of the phase under perf alone, if it ran.
    """
    profile = operators.profile
    types, index = np.unique(np.array(profile.types, object), return_inverse=True)
    by_type = [
        _figures(operators, np.flatnonzero(index == which), str(types[which])) for which in range(len(types))
    ]
    heaviest = np.lexsort((-operators.wall_ns, -operators.cpu_ns.sum(axis=1)))
    chosen = [
        node
        for which in range(len(types))
        for node in heaviest[index[heaviest] == which].tolist()[:NODE_ROWS]
    ]
    by_node = [
        _figures(operators, np.array([node]), profile.types[node], profile.names[node])
        for node in chosen
        if operators.calls[node]
    ]
    phase = load_figures(counters, requests)
    cpu_ratio, latency_ratio = _ratios(phase, undisturbed)
    return OperatorsFigures(
        phase=phase,
        cpu_ratio=cpu_ratio,
        latency_ratio=latency_ratio,
        covered=operators.clock.runs,
        clock=operators.clock.name,
        concurrent=operators.concurrent,
        coverage=operators.coverage,
        total_ms=operators.total_ns / 1e6,
        by_type=sorted(by_type, key=lambda row: -row.cpu_ms),
        by_node=by_node,
        outside={place: _kinds_ms(operators.outside_ns[place]) for place in Outside},
        join_check=_join_check(operators),
    )


def _figures(
    operators: Operators, nodes: Column, kind: str, name: str | msgspec.UnsetType = msgspec.UNSET
) -> OperatorFigures:
    """Return the figures of some nodes of a type together."""
    cpu_ns = operators.cpu_ns[nodes].sum(axis=0)
    off_ns = operators.off_ns[nodes].sum(axis=0)
    return OperatorFigures(
        name=name,
        type=kind,
        nodes=int(np.count_nonzero(operators.calls[nodes])),
        calls=int(operators.calls[nodes].sum()),
        wall_ms=float(operators.wall_ns[nodes].sum()) / 1e6,
        cpu_ms=float(cpu_ns.sum()) / 1e6,
        by_kind=_kinds_ms(cpu_ns),
        off_ms={wait: float(ns) / 1e6 for wait, ns in zip(WAITS, off_ns, strict=True) if ns},
        wait_ms=float(operators.wait_ns[nodes].sum()) / 1e6,
    )


def _kinds_ms(by_kind_ns: Column) -> dict[Kind, float]:
    return {kind: float(ns) / 1e6 for kind, ns in zip(KINDS, by_kind_ns, strict=True) if ns}


def _ratios(phase: LoadFigures, undisturbed: LoadFigures | None) -> tuple[float | None, float | None]:
    """Return the ratios of CPU time a request and of the median latency, None where they are not known."""
    if undisturbed is None or not undisturbed.cpu_ms_per_request or phase.cpu_ms_per_request is None:
        return None, None
    before, after = undisturbed.latency_ms.p50, phase.latency_ms.p50
    return (
        phase.cpu_ms_per_request / undisturbed.cpu_ms_per_request,
        after / before if before and after else None,
    )


def _join_check(operators: Operators) -> JoinCheck | None:
    if not operators.wait_ns.any():
        return None
    return JoinCheck(
        polled_ms=float(operators.cpu_ns[:, KINDS.index(Kind.SPIN_JOIN)].sum()) / 1e6,
        blocked_ms=float(operators.off_ns[:, WAITS.index(Wait.FUTEX)].sum()) / 1e6,
        ort_ms=float(operators.wait_ns.sum()) / 1e6,
    )
