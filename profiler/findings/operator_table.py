"""Time by operator: the table of operator types, each with its heaviest nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from profiler.attribution.kinds import Kind, Wait
from profiler.attribution.operators.attributed import Outside
from profiler.findings import formats
from profiler.findings.sections import section
from profiler.findings.vocabulary import OUTSIDE_MEANINGS, OUTSIDE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("computing", "polling", "futex", "blocked", "ready, no CPU")
"""Milliseconds a request after the CPU time: what that was for, then time off the CPU."""


@dataclass(frozen=True, slots=True)
class Row:
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
    nodes: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class OperatorTable:
    """The section's content."""

    rows: tuple[Row, ...]
    outside: tuple[Row, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...] = COLUMNS


def operator_table(summary: Mapping[str, Any]) -> OperatorTable | None:
    """Return what a summary tells of operators; None where it does not."""
    found = section(summary, "operators")
    if found is None or not found["phase"]["requests"]:
        return None
    requests, total_ms = found["phase"]["requests"], sum(row["cpu_ms"] for row in found["by_type"])

    def row(figures: Mapping[str, Any], name: str, note: str, nodes: tuple[Row, ...] = ()) -> Row:
        kinds, off = figures["by_kind"], figures["off_ms"]
        parts = (
            kinds.get(Kind.COMPUTE.value, 0.0),
            sum(kinds.get(kind.value, 0.0) for kind in (Kind.SPIN_IDLE, Kind.SPIN_BUSY, Kind.SPIN_JOIN)),
            kinds.get(Kind.FUTEX.value, 0.0),
            off.get(Wait.FUTEX.value, 0.0),
            off.get(Wait.RUNNABLE.value, 0.0) + off.get(Wait.THROTTLED.value, 0.0),
        )
        return Row(
            name=name,
            note=note,
            share=figures["cpu_ms"] / total_ms if total_ms else 0.0,
            calls=figures["calls"] / requests,
            wall_ms=figures["wall_ms"] / requests,
            cpu_ms=figures["cpu_ms"] / requests,
            parts=tuple(part / requests for part in parts),
            nodes=nodes,
        )

    nodes: dict[str, list[Row]] = {}
    for node in found["by_node"]:
        nodes.setdefault(node["type"], []).append(row(node, node["name"], ""))
    rows = [
        row(
            one,
            one["type"],
            formats.count(one["nodes"], "node"),
            tuple(nodes.get(one["type"], [])),
        )
        for one in found["by_type"]
        if one["calls"]
    ]
    outside = []
    for place in Outside:
        by_kind = found["outside"][place.value]
        if by_kind:
            none = {
                "calls": 0,
                "wall_ms": 0.0,
                "off_ms": {},
                "cpu_ms": sum(by_kind.values()),
                "by_kind": by_kind,
            }
            outside.append(row(none, OUTSIDE_NAMES[place], OUTSIDE_MEANINGS[place]))
    return OperatorTable(tuple(rows), tuple(outside), tuple(operator_notes(found)))


def operator_notes(found: Mapping[str, Any]) -> list[str]:
    """Say what the figures rest on, and how far they carry."""
    phase, check = found["phase"], found["join_check"]
    requests, seconds = formats.count(phase["requests"], "request"), formats.seconds(phase["seconds"])
    basis = (
        f"Of a phase of its own, {requests} in {seconds} with ONNX Runtime's profiler on. A sample counts "
        "for the operator that ran at its instant, which needs no symbols; CPU time is that of all of the "
        "session's threads."
    )
    notes = [basis, *disturbance(found)]
    if found["coverage"] is not None:
        share = formats.percent(found["coverage"])
        notes.append(f"{share} of the computing in requests fell into operators' windows.")
    if found["covered"] < phase["requests"]:
        missing = formats.count(phase["requests"] - found["covered"], "request")
        notes.append(f"ONNX Runtime's profile lacks the last {missing}: these are between operators.")
    if check is not None:
        polled, blocked = formats.ms(check["polled_ms"]), formats.ms(check["blocked_ms"])
        notes.append(
            f"Threads that ran operators waited {formats.ms(check['ort_ms'])} for workers by ONNX Runtime's "
            f"own account; by samples and switches they polled for {polled} and were blocked for {blocked}."
        )
    if found["concurrent"]:
        notes.append(
            "Operators ran side by side: each has what the thread that ran it did; threads that helped are "
            "between operators."
        )
    return notes


def disturbance(found: Mapping[str, Any]) -> list[str]:
    """Say how much ONNX Runtime's profiler changed the requests; nothing where that is unknown."""
    if found["cpu_ratio"] is None:
        return []
    cpu, latency = formats.number(found["cpu_ratio"]), found["latency_ratio"]
    beside = "" if latency is None else f" and {formats.number(latency)} times the median latency"
    said = (
        f"ONNX Runtime's profiler disturbs: a request took {cpu} times the CPU time{beside} of the phase "
        f"before. {_profilers_own(found)}"
    )
    return [said]


def _profilers_own(found: Mapping[str, Any]) -> str:
    if found["outside"][Outside.EXECUTOR.value]:
        return (
            "What it takes within an operator's window is told by call chains and stands under "
            f"{OUTSIDE_NAMES[Outside.EXECUTOR]}; wall times hold it."
        )
    return "It costs each operator about the same, so that small ones look larger than they are."
