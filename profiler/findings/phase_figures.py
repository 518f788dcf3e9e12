"""The table of figures: what a user would quote (measured) beside what perf saw (profiled)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from profiler.findings import formats
from profiler.findings.sections import NEEDED, observer_share, section, too_few, why_unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, or why there is none."""

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure in both phases."""

    label: str
    measured: Cell
    profiled: Cell


def figure_rows(summary: Mapping[str, Any]) -> list[Row]:
    """Return the table's rows."""

    def row(label: str, cell: Callable[[Mapping[str, Any]], Cell]) -> Row:
        return Row(label, *(_cell(summary, phase, cell) for phase in ("measured", "profiled")))

    rows = [
        row("Length", lambda phase: Cell(formats.seconds(phase["seconds"]))),
        row("Requests", lambda phase: Cell(f"{phase['requests']:,}")),
        row("CPU, of one core", lambda phase: Cell(f"{phase['cpu_percent']:.2f} %")),
        row("CPU per request", _per_request),
    ]
    rows += [
        row(f"Latency, {name}", partial(_latency, name)) for name in ("mean", "p50", "p95", "p99", "max")
    ]
    rows.append(row("Late starts, longest", _late))
    if any((section(summary, phase) or {}).get("throttled") for phase in ("measured", "profiled")):
        rows.append(row("Stopped by the CPU limit", _throttled))
    return rows


def observer_cost(summary: Mapping[str, Any]) -> str:
    """Say what being profiled cost: CPU time a request, profiled against measured."""
    extra = observer_share(summary)
    if extra is None:
        return "not known: it takes requests in both a measured and a profiled phase"
    measured, profiled = summary["measured"], summary["profiled"]
    change = f"{formats.ms(measured['cpu_ms_per_request'])} → {formats.ms(profiled['cpu_ms_per_request'])}"
    requests = min(measured["requests"], profiled["requests"])
    few = f"; with {formats.count(requests, 'request')} this may be chance"
    doubt = few if requests < NEEDED["p95"] else ""
    return f"{formats.signed_percent(extra)} CPU time a request ({change}){doubt}"


def _cell(summary: Mapping[str, Any], phase: str, cell: Callable[[Mapping[str, Any]], Cell]) -> Cell:
    figures = section(summary, phase)
    return Cell(formats.NOTHING, why_unavailable(summary, phase)) if figures is None else cell(figures)


def _per_request(phase: Mapping[str, Any]) -> Cell:
    value = phase["cpu_ms_per_request"]
    return Cell(formats.ms(value), "" if value is not None else "there were no requests")


def _latency(name: str, phase: Mapping[str, Any]) -> Cell:
    value = phase["latency_ms"][name]
    if value is not None:
        return Cell(formats.ms(value))
    return Cell(
        "too few requests",
        too_few(name, phase["requests"]) if name in NEEDED else "there were no requests",
    )


def _late(phase: Mapping[str, Any]) -> Cell:
    late = phase["late_start_ms"]
    return Cell(formats.NOTHING, "there were no requests") if late is None else Cell(formats.ms(late["max"]))


def _throttled(phase: Mapping[str, Any]) -> Cell:
    throttled = phase["throttled"]
    if not throttled:
        return Cell(formats.NOTHING, "not counted")
    return Cell(
        f"{formats.ms(throttled['throttled_ms'])} in {throttled['throttled_periods']:,} of "
        f"{throttled['periods']:,} periods"
    )
