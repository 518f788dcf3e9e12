"""`operators` of summary.json: time by operator type and by node of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.kinds import KINDS, WAITS, Kind, Wait
from profiler.attribution.operators.attributed import Outside
from profiler.attribution.statistics import phase_figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from profiler.attribution.operators.attributed import Operators
    from profiler.run.manifest import PhaseCounters, Request

    Column = npt.NDArray[Any]

NODE_ROWS = 5
"""How many nodes of each type summary.json holds, those with most CPU time."""


def no_operators(why: str) -> dict[str, Any]:
    """Return what `operator_figures` would, for a run without a usable profile of ONNX Runtime's."""
    return {"operators": {"unavailable": why}}


def operator_figures(
    operators: Operators,
    counters: PhaseCounters,
    requests: Sequence[Request],
    undisturbed: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return `operators`. All milliseconds are sums over the phase, in which the profiler was on.

    `phase`: as `profiled`, of this one; `cpu_ratio` and `latency_ratio` hold its CPU time a request and its
    median latency against `undisturbed`, those of the phase under perf alone (or None). `total_ms`: the CPU
    time of the phase, which `by_type` and `outside` (by `Outside`, then by kind) sum to. `coverage`: share of
    the computing in requests that fell into operators' windows. `by_type`: see `_row`; `by_node`: the same
    for the `NODE_ROWS` largest of each, with `name`. `join_check`: what threads that ran operators waited for
    workers, by our account (polling, blocked) and by ONNX Runtime's; None without a pool. `concurrent`:
    operators ran side by side, so that what helping threads did is `between`. `covered`: how many requests
    the profile holds.
    """
    profile = operators.profile
    kinds, index = np.unique(np.array(profile.types, object), return_inverse=True)
    by_type = [
        {"type": str(kinds[which]), **_row(operators, np.flatnonzero(index == which))}
        for which in range(len(kinds))
    ]
    heaviest = np.lexsort((-operators.wall_ns, -operators.cpu_ns.sum(axis=1)))
    chosen = [
        node
        for which in range(len(kinds))
        for node in heaviest[index[heaviest] == which].tolist()[:NODE_ROWS]
    ]
    by_node = [
        {"name": profile.names[node], "type": profile.types[node], **_row(operators, np.array([node]))}
        for node in chosen
        if operators.calls[node]
    ]
    phase = phase_figures(counters, requests)
    return {
        "operators": {
            "phase": phase,
            **_ratios(phase, undisturbed),
            "covered": operators.clock.runs,
            "clock": operators.clock.name,
            "concurrent": operators.concurrent,
            "coverage": operators.coverage,
            "total_ms": operators.total_ns / 1e6,
            "by_type": sorted(by_type, key=lambda row: -row["cpu_ms"]),
            "by_node": by_node,
            "outside": {place.value: _kinds_ms(operators.outside_ns[place]) for place in Outside},
            "join_check": _join_check(operators),
        }
    }


def _row(operators: Operators, nodes: Column) -> dict[str, Any]:
    """Return the figures of some nodes together.

    `nodes`, `calls`; `wall_ms`: without those of subgraphs; `cpu_ms` and `by_kind`: CPU time of all of the
    session's threads meanwhile; `off_ms`: by wait, of the thread that ran them; `wait_ms`: what it waited for
    workers by ONNX Runtime's own account.
    """
    cpu_ns = operators.cpu_ns[nodes].sum(axis=0)
    off_ns = operators.off_ns[nodes].sum(axis=0)
    return {
        "nodes": int(np.count_nonzero(operators.calls[nodes])),
        "calls": int(operators.calls[nodes].sum()),
        "wall_ms": float(operators.wall_ns[nodes].sum()) / 1e6,
        "cpu_ms": float(cpu_ns.sum()) / 1e6,
        "by_kind": _kinds_ms(cpu_ns),
        "off_ms": {wait.value: float(ns) / 1e6 for wait, ns in zip(WAITS, off_ns, strict=True) if ns},
        "wait_ms": float(operators.wait_ns[nodes].sum()) / 1e6,
    }


def _kinds_ms(by_kind_ns: Column) -> dict[str, float]:
    return {kind.value: float(ns) / 1e6 for kind, ns in zip(KINDS, by_kind_ns, strict=True) if ns}


def _ratios(phase: Mapping[str, Any], undisturbed: Mapping[str, Any] | None) -> dict[str, float | None]:
    if undisturbed is None or not undisturbed["requests"] or not phase["requests"]:
        return {"cpu_ratio": None, "latency_ratio": None}
    before, after = undisturbed["latency_ms"]["p50"], phase["latency_ms"]["p50"]
    return {
        "cpu_ratio": phase["cpu_ms_per_request"] / undisturbed["cpu_ms_per_request"],
        "latency_ratio": after / before if before and after else None,
    }


def _join_check(operators: Operators) -> dict[str, float] | None:
    if not operators.wait_ns.any():
        return None
    return {
        "polled_ms": float(operators.cpu_ns[:, KINDS.index(Kind.SPIN_JOIN)].sum()) / 1e6,
        "blocked_ms": float(operators.off_ns[:, WAITS.index(Wait.FUTEX)].sum()) / 1e6,
        "ort_ms": float(operators.wait_ns.sum()) / 1e6,
    }
