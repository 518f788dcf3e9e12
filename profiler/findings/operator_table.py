"""Time by operator: the table of operator types, each with its heaviest nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.vocabulary import OUTSIDE_MEANINGS, OUTSIDE_NAMES
from profiler.run.kinds import Kind, Outside, Wait
from profiler.run.sections.operator_section import OperatorFigures
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.run.sections.operator_section import OperatorsFigures
    from profiler.run.summary import Summary

COLUMNS = ("computing", "polling", "futex", "blocked", "ready, no CPU")
"""Milliseconds a request after the CPU time: what that was for, then time off the CPU."""


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator type, a node, or what is none; milliseconds a request."""

    name: str
    note: str
    share: float
    """Of the CPU time in operators."""
    calls: float
    """A request."""
    wall_ms: float
    cpu_ms: float
    parts: tuple[float, ...]
    """As `COLUMNS`."""
    nodes: tuple[OperatorRow, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorTable:
    """The section's content."""

    rows: tuple[OperatorRow, ...]
    outside: tuple[OperatorRow, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...] = COLUMNS


def operator_table(summary: Summary) -> OperatorTable | None:
    """Return what a summary tells of operators; None where it does not."""
    operators = available(summary.operators)
    if operators is None or not operators.phase.requests:
        return None
    requests, total_ms = operators.phase.requests, sum(figures.cpu_ms for figures in operators.by_type)

    def row(figures: OperatorFigures, note: str, nodes: tuple[OperatorRow, ...] = ()) -> OperatorRow:
        kinds, off = figures.by_kind, figures.off_ms
        parts = (
            kinds.get(Kind.COMPUTE, 0.0),
            sum(kinds.get(kind, 0.0) for kind in (Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.SPIN_JOIN)),
            kinds.get(Kind.FUTEX, 0.0),
            off.get(Wait.FUTEX, 0.0),
            off.get(Wait.RUNNABLE, 0.0) + off.get(Wait.THROTTLED, 0.0),
        )
        return OperatorRow(
            name=figures.name or figures.type,
            note=note,
            share=figures.cpu_ms / total_ms if total_ms else 0.0,
            calls=figures.calls / requests,
            wall_ms=figures.wall_ms / requests,
            cpu_ms=figures.cpu_ms / requests,
            parts=tuple(part / requests for part in parts),
            nodes=nodes,
        )

    nodes: dict[str, list[OperatorRow]] = {}
    for node in operators.by_node:
        nodes.setdefault(node.type, []).append(row(node, ""))
    rows = [
        row(figures, formats.count(figures.nodes, "node"), tuple(nodes.get(figures.type, [])))
        for figures in operators.by_type
        if figures.calls
    ]
    outside = [
        row(_of_none(OUTSIDE_NAMES[place], by_kind), OUTSIDE_MEANINGS[place])
        for place in Outside
        if (by_kind := operators.outside.get(place))
    ]
    return OperatorTable(tuple(rows), tuple(outside), tuple(operator_notes(operators)))


def _of_none(name: str, by_kind: dict[Kind, float]) -> OperatorFigures:
    """Return CPU time that is no operator's as if it were one's."""
    return OperatorFigures(
        type=name,
        nodes=0,
        calls=0,
        wall_ms=0.0,
        cpu_ms=sum(by_kind.values()),
        by_kind=by_kind,
        off_ms={},
        wait_ms=0.0,
    )


def operator_notes(operators: OperatorsFigures) -> list[str]:
    """Say what the figures rest on, and how far they carry."""
    phase, check = operators.phase, operators.join_check
    requests, seconds = formats.count(phase.requests, "request"), formats.seconds(phase.seconds)
    basis = (
        f"Of a phase of its own, {requests} in {seconds} with ONNX Runtime's profiler on. A sample counts "
        "for the operator that ran at its instant, which needs no symbols; CPU time is that of all of the "
        "session's threads."
    )
    notes = [basis, *disturbance(operators)]
    if operators.coverage is not None:
        share = formats.percent(operators.coverage)
        notes.append(f"{share} of the computing in requests fell into operators' windows.")
    if operators.covered < phase.requests:
        missing = formats.count(phase.requests - operators.covered, "request")
        notes.append(f"ONNX Runtime's profile lacks the last {missing}: these are between operators.")
    if check is not None:
        polled, blocked = formats.ms(check.polled_ms), formats.ms(check.blocked_ms)
        notes.append(
            f"Threads that ran operators waited {formats.ms(check.ort_ms)} for workers by ONNX Runtime's "
            f"own account; by samples and switches they polled for {polled} and were blocked for {blocked}."
        )
    if operators.concurrent:
        notes.append(
            "Operators ran side by side: each has what the thread that ran it did; threads that helped are "
            "between operators."
        )
    return notes


def disturbance(operators: OperatorsFigures) -> list[str]:
    """Say how much ONNX Runtime's profiler changed the requests; nothing where that is unknown."""
    if operators.cpu_ratio is None:
        return []
    cpu, latency = formats.number(operators.cpu_ratio), operators.latency_ratio
    beside = "" if latency is None else f" and {formats.number(latency)} times the median latency"
    said = (
        f"ONNX Runtime's profiler disturbs: a request took {cpu} times the CPU time{beside} of the phase "
        f"before. {_profilers_own(operators)}"
    )
    return [said]


def _profilers_own(operators: OperatorsFigures) -> str:
    if operators.outside[Outside.EXECUTOR]:
        return (
            "What it takes within an operator's window is told by call chains and stands under "
            f"{OUTSIDE_NAMES[Outside.EXECUTOR]}; wall times hold it."
        )
    return "It costs each operator about the same, so that small ones look larger than they are."
