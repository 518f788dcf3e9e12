"""The table of figures: what a user would quote (measured) beside what perf saw (profiled)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from profiler.findings import formats
from profiler.findings.attached import knows_requests, told, unknown_requests
from profiler.findings.percentiles import too_few
from profiler.findings.thresholds import LATE_MS, NEEDED
from profiler.run.sections.load_section import PhaseFigures
from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import available

if TYPE_CHECKING:
    from collections.abc import Callable

    from profiler.run.summary import Summary


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A figure, or why there is none."""

    text: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """One figure in both phases."""

    label: str
    measured: FigureCell
    profiled: FigureCell


UNDER_PERF_ALONE = FigureCell(formats.NOTHING, "requests are inferred, which needs perf")


def figure_rows(summary: Summary) -> list[PhaseRow]:
    """Return the table's rows."""
    phases = (summary.measured, summary.profiled)

    def row(label: str, cell: Callable[[PhaseFigures], FigureCell]) -> PhaseRow:
        return PhaseRow(label, *(_cell(phase, cell) for phase in phases))

    def of_requests(label: str, cell: Callable[[PhaseFigures], FigureCell]) -> PhaseRow:
        found = row(label, cell)
        unknown = isinstance(summary.measured, PhaseFigures) and not told(summary)
        return replace(found, measured=UNDER_PERF_ALONE) if unknown else found

    rows = [
        row("Length", lambda phase: FigureCell(formats.seconds(phase.seconds))),
        row("CPU, of one core", lambda phase: FigureCell(f"{phase.cpu_percent:.2f} %")),
    ]
    if not knows_requests(summary):
        return rows
    rows += [
        of_requests("Requests", _requests),
        of_requests("CPU per request", _per_request),
    ]
    rows += [
        of_requests(f"Latency, {name}", partial(_latency, name))
        for name in ("mean", "p50", "p95", "p99", "max")
    ]
    if summary.attached is None:  # nobody knows when requests of others were due
        rows.append(of_requests("Late starts, longest", _late))
    if any(phase.throttled for phase in map(available, phases) if phase is not None):
        rows.append(row("Stopped by the CPU limit", _throttled))
    return rows


def why_unmeasured(summary: Summary) -> str:
    """Return why there is no measured phase, which then needs no column; empty where there is one."""
    return summary.measured.why if isinstance(summary.measured, Unavailable) else ""


def _cell(phase: PhaseFigures | Unavailable, cell: Callable[[PhaseFigures], FigureCell]) -> FigureCell:
    return FigureCell(formats.NOTHING, phase.why) if isinstance(phase, Unavailable) else cell(phase)


def _requests(phase: PhaseFigures) -> FigureCell:
    if phase.inferred:
        return FigureCell(f"{phase.requests:,}, inferred", "so is what follows from them; see the doubts")
    if phase.unserved:
        return FigureCell(
            f"{phase.requests:,}, {phase.unserved:,} more never started", "they were due in the phase"
        )
    return FigureCell(f"{phase.requests:,}")


def _per_request(phase: PhaseFigures) -> FigureCell:
    value = phase.cpu_ms_per_request
    why = unknown_requests(phase) or "there were no requests"
    return FigureCell(formats.ms(value), "" if value is not None else why)


def _latency(name: str, phase: PhaseFigures) -> FigureCell:
    value: float | None = getattr(phase.latency_ms, name)
    if value is not None:
        return FigureCell(formats.ms(value))
    return FigureCell(
        "too few requests",
        too_few(name, phase.requests) if name in NEEDED else "there were no requests",
    )


def _late(phase: PhaseFigures) -> FigureCell:
    late = phase.late_start_ms
    if late is None:
        return FigureCell(formats.NOTHING, "there were no requests")
    if late.max < LATE_MS:
        return FigureCell("none", f"none by {LATE_MS:g} ms: timers alone are late by less")
    return FigureCell(formats.ms(late.max))


def _throttled(phase: PhaseFigures) -> FigureCell:
    throttled = phase.throttled
    if throttled is None:
        return FigureCell(formats.NOTHING, "not counted")
    return FigureCell(
        f"{formats.ms(throttled.stopped_ms)} in {throttled.throttled_periods:,} of "
        f"{throttled.periods:,} periods"
    )
