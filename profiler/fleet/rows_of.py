"""Run directories and studies -> rows of the dataset."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from profiler.errors import UsageError
from profiler.fleet.machine_type import MachineType, type_of
from profiler.fleet.rows import CellRow, FigureRow, RequestRow, RunRow
from profiler.run.manifest import read_manifest
from profiler.run.records import read_recorded
from profiler.run.summary import available, read_summary
from profiler.spec.workload import Arrivals
from profiler.study.cell_figures import CellFigures, cell_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from profiler.run.directory import RunDirectory
    from profiler.run.manifest import Manifest
    from profiler.run.summary import Summary
    from profiler.study.cell_figures import Estimate
    from profiler.study.results import Cell, StudyResults

Section = TypeVar("Section")
Figure = TypeVar("Figure")


@dataclass(slots=True)
class Rows:
    """Rows of one study on one machine type, or of single runs on it."""

    runs: list[RunRow] = field(default_factory=list)
    cells: list[CellRow] = field(default_factory=list)
    requests: list[RequestRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)

    def add_run(self, run: RunDirectory, path: str) -> None:
        """Add a run that will be at `path` in the store; `UsageError` where it can't be read, or named."""
        try:
            path.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"the name of {path} is no UTF-8, and columns of text are") from error
        recorded, summary = read_recorded(run), read_summary(run)
        self.runs.append(_run_row(summary, path, recorded.manifest))
        self.requests += (
            RequestRow(
                run_id=summary.run_id,
                phase=request.phase,
                number=number,
                scheduled_ns=request.scheduled_ns,
                start_ns=request.start_ns,
                latency_ms=request.latency_ns / 1e6,
                service_ms=(request.end_ns - request.start_ns) / 1e6,
                cpu_ms=None if request.cpu_ns is None else request.cpu_ns / 1e6,
                caller=request.caller,
                pool=request.pool,
            )
            for number, request in enumerate(sorted(recorded.requests, key=lambda request: request.start_ns))
        )
        self.figures += _figures(summary)


def study_rows(
    results: StudyResults, path: str, machine_type: MachineType | None = None
) -> dict[MachineType, Rows]:
    """Return a study's rows by machine type; its directory will be at `path`, below the store.

    With a machine type, all runs are of that; without, each run says what it ran on.
    """
    types: dict[str, MachineType] = {}
    rows: dict[MachineType, Rows] = {}
    for cell in results.cells:
        for measured in cell.measured:
            run = measured.run
            machine = machine_type or type_of(read_manifest(run.manifest).host)
            types[run.run_id] = machine
            rows.setdefault(machine, Rows()).add_run(run, f"{path}/runs/{run.run_id}")
    for machine, mine in rows.items():
        for cell in results.cells:
            part = _on(cell, machine, types)
            if part.measured:
                mine.cells.append(_cell_row(cell_figures(part)))
    return rows


def _on(cell: Cell, machine: MachineType, types: dict[str, MachineType]) -> Cell:
    """Return what a cell gave on one machine type."""
    kept = [at for at, measured in enumerate(cell.measured) if types[measured.run.run_id] == machine]
    profiled = cell.profiled is not None and types.get(cell.profiled.run_id) == machine
    return dataclasses.replace(
        cell,
        measured=tuple(cell.measured[at] for at in kept),
        rounds=tuple(cell.rounds[at] for at in kept),
        profiled=cell.profiled if profiled else None,
        summary=cell.summary if profiled else None,
    )


def _run_row(summary: Summary, path: str, manifest: Manifest) -> RunRow:
    measured, window = available(summary.measured), available(summary.spin_window_ms)
    latency = _of(measured, lambda phase: phase.latency_ms)
    throttled = _of(measured, lambda phase: phase.throttled)
    workload = summary.workload
    closed = workload is None or workload.arrivals is Arrivals.CLOSED
    return RunRow(
        run_id=summary.run_id,
        path=path,
        created=summary.created,
        complete=summary.complete,
        configuration=summary.title,
        model=summary.model,
        runtime=summary.runtime,
        ortprof=manifest.ortprof,
        cpu=manifest.host.cpu,
        cpus=manifest.host.cpus,
        kernel=manifest.host.kernel,
        memory_bytes=manifest.host.memory_bytes,
        limit_cpus=_of(summary.limit, lambda limit: limit.cpus),
        rate=None if closed or workload is None else workload.rate,
        arrivals=_of(workload, lambda load: load.arrivals.value),
        tokens=_of(workload, lambda load: load.tokens),
        most_tokens=_of(workload, lambda load: load.most_tokens),
        callers=_of(workload, lambda load: load.concurrency),
        processes=_of(workload, lambda load: load.processes),
        requests=_of(measured, lambda phase: phase.requests),
        unserved=_of(measured, lambda phase: phase.unserved),
        cpu_ms_per_request=_of(measured, lambda phase: phase.cpu_ms_per_request),
        cpu_percent=_of(measured, lambda phase: phase.cpu_percent),
        mean_ms=_of(latency, lambda figures: figures.mean),
        p50_ms=_of(latency, lambda figures: figures.p50),
        p95_ms=_of(latency, lambda figures: figures.p95),
        p99_ms=_of(latency, lambda figures: figures.p99),
        throttled_share=throttled.throttled_periods / throttled.periods
        if throttled and throttled.periods
        else None,
        spin_share=summary.spin_share,
        spin_window_ms=_of(window, lambda figures: figures.p50),
    )


def _figures(summary: Summary) -> Iterator[FigureRow]:
    sections = {
        "cpu": available(summary.cpu),
        "waits": available(summary.waits),
        "request": available(summary.request),
    }
    for section, figures in sections.items():
        if figures is not None:
            for kind, ms in figures.by_kind.items():
                yield FigureRow(summary.run_id, section, kind.value, ms)


def _cell_row(row: CellFigures) -> CellRow:
    key, workload = row.key, row.cell.workload
    window = _of(row.cell.summary, lambda summary: available(summary.spin_window_ms))
    return CellRow(
        configuration=key.configuration,
        model=key.model,
        limit_cpus=_of(key.limit, lambda limit: limit.cpus),
        rate=key.rate,
        arrivals=key.arrivals.value,
        tokens=workload.tokens,
        most_tokens=workload.most_tokens,
        callers=workload.concurrency,
        processes=workload.processes,
        repeats=row.repeats,
        requests=row.requests,
        unserved=row.unserved,
        **_interval("cpu_ms", row.cpu_ms),
        **_interval("p50_ms", row.p50_ms),
        **_interval("p95_ms", row.p95_ms),
        throttled_share=row.throttled_share,
        spin_share=row.spin_share,
        spin_window_ms=_of(window, lambda figures: figures.p50),
    )


def _interval(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    if estimate is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    low, high = estimate.interval or (None, None)
    return {name: estimate.value, f"{name}_low": low, f"{name}_high": high}


def _of(section: Section | None, figure: Callable[[Section], Figure | None]) -> Figure | None:
    """Return a figure of a section; None where the section is not there."""
    return None if section is None else figure(section)
