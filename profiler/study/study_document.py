"""A study as JSON: its plan, and what it found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from profiler.errors import UsageError
from profiler.run.runs import list_studies
from profiler.spec.study_file import shipped_studies
from profiler.study.cell_figures import CellFigures, Estimate, curves, grouped, study_figures
from profiler.study.cells import UNSAID
from profiler.study.knee import Knee, find_knees
from profiler.study.pareto import tradeoff
from profiler.study.plan import seconds_left
from profiler.study.study_record import State, StudyDirectory, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from profiler.study.cells import LimitSeries
    from profiler.study.results import StudyResults
    from profiler.study.study_record import StudyRecord

LIST_SCHEMA = "ortprof.studies/1"
PLAN_SCHEMA = "ortprof.study-plan/1"
RESULTS_SCHEMA = "ortprof.study-results/1"


def studies_document(reports: Path) -> dict[str, Any]:
    """Return the shipped studies, and those of a reports folder: how far they got, or why that is unknown."""
    return {
        "schema": LIST_SCHEMA,
        "shipped": [{"name": name, "title": study.title} for name, study in shipped_studies().items()],
        "studies": [_begun(path) for path in list_studies(reports)],
    }


def _begun(path: Path) -> dict[str, Any]:
    try:
        record = read_record(StudyDirectory(path))
    except UsageError as error:
        return {"study_id": path.name, "unavailable": error.message}
    states = Counter(run.state for run in record.schedule)
    return {
        "study_id": path.name,
        "complete": record.complete,
        "runs": len(record.mine),
        "done": states[State.DONE],
        "failed": states[State.FAILED],
    }


def plan_document(record: StudyRecord) -> dict[str, Any]:
    """Return what a study is going to run, and how long that should take."""
    return {
        "schema": PLAN_SCHEMA,
        "study": msgspec.to_builtins(record.study),
        "ort_version": record.ort_version,
        "estimated_seconds": seconds_left(record),
        "cells": [msgspec.to_builtins(cell) for cell in record.cells],
        "schedule": [
            {"cell": run.cell, "round": run.round, "state": run.state.value, "why": run.why}
            for run in record.schedule
        ],
    }


def study_document(results: StudyResults) -> dict[str, Any]:
    """Return what a study found: a dictionary a cell, with confidence intervals of 95 %."""
    rows = study_figures(results)
    front = {choice.row.key for group in grouped(rows).values() for choice in tradeoff(group).front}
    return {
        "schema": RESULTS_SCHEMA,
        "study_id": results.directory.study_id,
        "name": results.study.name,
        "created": results.record.created,
        "complete": results.complete,
        "ort_version": results.record.ort_version,
        "page": str(results.directory.page),
        "failed": sum(run.state is State.FAILED for run in results.record.schedule),
        "refused": sum(run.state is State.REFUSED for run in results.record.schedule),
        "cells": [_cell(row, on_front=row.key in front) for row in rows],
        "knees": [
            {**_line(line), **_knee(knee)}
            for line, knee in find_knees(curves(rows)).items()
            if knee is not None
        ],
    }


def _cell(row: CellFigures, *, on_front: bool) -> dict[str, Any]:
    cell = row.cell
    return {
        "configuration": row.key.configuration,
        "model": row.key.model,
        "limit": msgspec.to_builtins(row.key.limit),
        "rate": row.key.rate,
        "arrivals": row.key.arrivals.value,
        "tokens": row.key.tokens or str(UNSAID),
        "callers": cell.workload.concurrency,
        "processes": cell.workload.processes,
        "repeats": row.repeats,
        "requests": row.requests,
        "unserved": row.unserved,
        "cpu_ms_per_request": _figure(row.cpu_ms),
        "cpu_percent": row.cpu_percent,
        "latency_ms": {
            "mean": _figure(row.mean_ms),
            "p50": _figure(row.p50_ms),
            "p95": _figure(row.p95_ms),
        },
        "throttled_share": row.throttled_share,
        "spin_share": row.spin_share,
        "neighbour_share": row.neighbour_share,
        "on_front": on_front,
        "profiled": None if cell.profiled is None else cell.profiled.run_id,
        "runs": [measured.run_id for measured in cell.measured],
        "refused": cell.refused,
        "failures": list(cell.failures),
        "mixed": cell.mixed,
    }


def _figure(figure: Estimate | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    low, high = figure.interval or (None, None)
    return {"value": figure.value, "low": low, "high": high}


def _line(line: LimitSeries) -> dict[str, Any]:
    group = line.unlimited
    return {
        "configuration": line.configuration,
        "model": group.model,
        "rate": group.rate,
        "arrivals": group.arrivals.value,
        "tokens": group.tokens or str(UNSAID),
    }


def _knee(knee: Knee) -> dict[str, Any]:
    return {
        "statistic": knee.statistic.value,
        "reference": msgspec.to_builtins(knee.reference),
        "at": msgspec.to_builtins(knee.at.limit),
        "sure": knee.sure,
    }
